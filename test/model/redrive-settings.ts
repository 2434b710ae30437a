/** What is explored of redrives: of events that died at once, and of those that died after a wait in a window. */
import { settingOf, type Setting } from './setting.ts';
import { windowWith } from './window-starts.ts';
import { EMPTY_WORLD, letterOf, POISON, type World } from './state.ts';

const WAITING = { redeliveries: 'told', start: windowWith([POISON]) } as const;

export const REDRIVE_SETTINGS = {
  'a schema that is fixed, and two redrives': settingOf(
    [POISON],
    { redrive: 2, schemaChanged: 1 },
    { start: dead('recorded') },
  ),
  'a redrive, a crash and a lost answer': settingOf(
    [POISON],
    { redrive: 1, schemaChanged: 1, crash: 1, lostAnswer: 1 },
    { start: dead('recorded') },
  ),
  'a record that is lost, a redrive and a late request': settingOf(
    [POISON],
    { redrive: 1, schemaChanged: 1, lateRequest: 1 },
    { start: dead('unrecorded') },
  ),
  'two events of which one is refused, a redrive and a crash': settingOf(['a', POISON], {
    redrive: 1,
    schemaChanged: 1,
    crash: 1,
  }),
  'a redrive for a route whose deployment and parameters change': settingOf(
    [POISON],
    { redrive: 1, contentChanged: 1, crash: 1, lostAnswer: 1 },
    { start: dead('recorded'), workers: 1 },
  ),
  'a window, a schema that is fixed, and two redrives': settingOf(
    [POISON],
    { redrive: 2, schemaChanged: 1 },
    WAITING,
  ),
  'a window, a redrive and a crash': settingOf([POISON], { redrive: 1, schemaChanged: 1, crash: 1 }, WAITING),
  'a window, and a redrive when the route has none': settingOf(
    [POISON],
    { redrive: 1, schemaChanged: 1, modeChanged: 1 },
    WAITING,
  ),
} as const satisfies Record<string, Setting>;

export type RedriveSettingName = keyof typeof REDRIVE_SETTINGS;

/** An event that died alone; its worker crashed between sending the letter and the end, so it is redelivered as well. */
function dead(record: 'recorded' | 'unrecorded'): World {
  const batchId = 'D1.X';
  return {
    ...EMPTY_WORLD,
    claims: { [POISON]: batchId },
    records: record === 'recorded' ? { [batchId]: { members: [POISON], dead: true } } : {},
    runs: [{ flow: 'D1', batchId, members: [POISON], dead: true, deleted: false }],
    letters: [letterOf(POISON, batchId)],
    delivered: [POISON],
  };
}

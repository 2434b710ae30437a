/** What the promise rests on, broken on purpose: each must break it, or it would not have to be assumed. */
import type { Fault, Faults } from './faults.ts';
import { settingOf, type Setting } from './setting.ts';
import { windowWith } from './window-starts.ts';
import { EMPTY_WORLD, type World } from './state.ts';

export interface BrokenAssumption {
  /** As docs/guarantees.md has them. */
  readonly assumption: 'A1' | 'A2' | 'A3' | 'A4';
  readonly broken: string;
  /** What breaks it; without it the same setting keeps every promise. */
  readonly by: Fault;
  readonly setting: Setting;
}

/** An event whose run is recorded, and that its source will deliver again. */
const IN_A_RUN: World = {
  ...EMPTY_WORLD,
  claims: { a: 'D1.X' },
  records: { 'D1.X': { members: ['a'], dead: false } },
  runs: [{ flow: 'D1', batchId: 'D1.X', members: ['a'], dead: false, deleted: false }],
  delivered: ['a'],
};

export const BROKEN_ASSUMPTIONS: readonly BrokenAssumption[] = [
  {
    assumption: 'A1',
    broken: 'a claim vanishes while its event is still redelivered',
    by: 'claimVanished',
    setting: broken({ claimVanished: 1 }, { start: IN_A_RUN }),
  },
  {
    assumption: 'A1',
    broken: 'a claim vanishes while its batch is not settled',
    by: 'claimVanished',
    setting: broken({ claimVanished: 1, crash: 1 }, { events: ['a', 'b'] }),
  },
  {
    assumption: 'A1',
    broken: 'a claim vanishes while its event waits in a window',
    by: 'waitingClaimVanished',
    setting: broken(
      { waitingClaimVanished: 1, sentTwice: 1 },
      { events: ['a', 'b'], start: windowWith(['a']), workers: 1 },
    ),
  },
  {
    assumption: 'A2',
    broken: 'a run is deleted before its record is written',
    by: 'runDeletedUnrecorded',
    setting: broken({ runDeletedUnrecorded: 1, crash: 1 }),
  },
  {
    assumption: 'A2',
    broken: 'a run of a window is deleted before its record is written',
    by: 'runDeletedUnrecorded',
    setting: broken({ runDeletedUnrecorded: 1, crash: 1 }, { start: windowWith(['a']) }),
  },
  {
    assumption: 'A3',
    broken: 'a run is deleted while a create for it is under way',
    by: 'runDeletedAwaited',
    setting: broken({ runDeletedAwaited: 1, lateRequest: 1 }),
  },
  {
    assumption: 'A3',
    broken: 'a deployment is deleted while a create for it is under way, which goes on',
    by: 'createdWithoutDeployment',
    setting: broken({ createdWithoutDeployment: 1, deploymentDeleted: 1, lateRequest: 1 }),
  },
  {
    assumption: 'A4',
    broken: 'a record vanishes before the claims that name it, and its run is gone as well',
    by: 'recordVanishedAfterRun',
    setting: broken({ recordVanishedAfterRun: 1, runDeleted: 1 }, { start: IN_A_RUN }),
  },
  {
    assumption: 'A4',
    broken: 'a chunk of a window vanishes before the claims that name it',
    by: 'chunkVanished',
    setting: broken({ chunkVanished: 1, sentTwice: 1 }, { start: windowWith(['a']), workers: 1 }),
  },
];

interface Options {
  readonly events?: readonly string[];
  readonly start?: World;
  readonly workers?: number;
}

function broken(faults: Partial<Faults>, { events = ['a'], ...options }: Options = {}): Setting {
  return settingOf(events, faults, { redeliveries: 'told', ...options });
}

/** The same, with the assumption as it has to be. */
export function withAssumption({ by, setting }: BrokenAssumption): Setting {
  return { ...setting, faults: { ...setting.faults, [by]: 0 } };
}

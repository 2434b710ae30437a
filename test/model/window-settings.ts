/** What is explored of windows: together these hold every fault, in the combinations that break the mutations. */
import { APPEND_SETTINGS } from './append-settings.ts';
import { FLUSH_SETTINGS } from './flush-settings.ts';
import type { Setting } from './setting.ts';
import { DEBOUNCE, fresh, joining, SLIDING, waiting, WITH_TIMER_OF_1 } from './window-starts.ts';
import { POISON } from './state.ts';

export const WINDOW_SETTINGS = { ...APPEND_SETTINGS, ...FLUSH_SETTINGS };

/** What takes minutes: `npm run explore`. */
export const LARGE_WINDOW_SETTINGS = {
  'three workers': fresh(['a', 'b'], {}, { workers: 3 }),
  'three workers and a crash': fresh(['a'], { crash: 1 }, { workers: 3 }),
  'three workers and a late request': fresh(['a'], { lateRequest: 1 }, { workers: 3 }),
  'three workers flush a window': waiting(
    ['a'],
    { timerDuplicated: 2, lateRequest: 1, crash: 1 },
    { workers: 3 },
  ),
  'three workers and two deployments that are deleted': waiting(
    ['a'],
    { timerDuplicated: 2, deploymentDeleted: 2 },
    { workers: 3 },
  ),
  'three workers and an event that comes while its window is flushed': joining(
    ['b'],
    { timerDuplicated: 1 },
    { workers: 3 },
  ),
  'two events and a crash': fresh(['a', 'b'], { crash: 1 }),
  'two events and a late request': fresh(['a', 'b'], { lateRequest: 1 }),
  'a poison event and a deployment that is deleted': waiting(['a', POISON], {
    deploymentDeleted: 1,
    crash: 1,
    timerDuplicated: 1,
  }),
  'a window that is full and a late request': joining(['b', 'c'], { lateRequest: 1 }),
  'a window that is full and a crash': joining(['b', 'c'], { crash: 1 }),
  'a poison event, a late request and a changing schema': waiting(['a', POISON], {
    timerDuplicated: 1,
    lateRequest: 1,
    schemaChanged: 2,
  }),
  'a poison event among three that two flush, and a crash': waiting(['a', 'b', POISON], {
    timerDuplicated: 1,
    crash: 1,
    deploymentDeleted: 1,
  }),
  'a route without windows and back, a late request and a crash': fresh(['a'], {
    modeChanged: 2,
    lateRequest: 1,
    crash: 1,
  }),
  'two events and a route without windows and back': fresh(['a', 'b'], { modeChanged: 2 }),
  'two events and a route with other settings': fresh(['a', 'b'], { routeChanged: 1 }),
  'overlapping windows and two events': fresh(['a', 'b'], {}, { rules: SLIDING, appendEpochMs: [5, 15] }),
  'overlapping windows, two events, and the timer of one that was never opened': fresh(
    ['a', 'b'],
    {},
    { rules: SLIDING, appendEpochMs: [5, 15], start: WITH_TIMER_OF_1 },
  ),
  'overlapping windows, two events and a crash': fresh(
    ['a', 'b'],
    { crash: 1 },
    { rules: SLIDING, appendEpochMs: [5, 15], earlyEpochMs: [7] },
  ),
  'debounce and a crash': fresh(
    ['a', 'b'],
    { crash: 1 },
    { rules: DEBOUNCE, appendEpochMs: [0, 1], earlyEpochMs: [2, 5] },
  ),
} as const satisfies Record<string, Setting>;

export type WindowSettingName = keyof typeof WINDOW_SETTINGS;

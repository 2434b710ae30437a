/** What is explored of windows that are flushed, alone or overlapping. */
import type { Setting } from './setting.ts';
import {
  fresh,
  joining,
  OVERLAPPING,
  SLIDING,
  waiting,
  windowWith,
  WITH_TIMER_OF_1,
} from './window-starts.ts';
import { POISON, type World } from './state.ts';

export const FLUSH_SETTINGS = {
  'a timer of another version of the route': joining(
    ['b'],
    {},
    { start: withForeignTimer(windowWith(['a'])), earlyEpochMs: [5] },
  ),
  'a window that two flush': waiting(['a', 'b'], { timerDuplicated: 1, crash: 1 }),
  'a window that two flush, and a lost answer': waiting(['a'], {
    timerDuplicated: 1,
    lostAnswer: 1,
    crash: 1,
  }),
  'a window that two flush, and a late request': waiting(['a'], {
    timerDuplicated: 1,
    lateRequest: 1,
    crash: 1,
  }),
  'a poison event': waiting(['a', POISON], { crash: 1, lostAnswer: 1, timerDuplicated: 1 }),
  'a poison event and a late request': waiting(['a', POISON], {
    timerDuplicated: 1,
    lateRequest: 1,
    schemaChanged: 1,
  }),
  'a poison event in overlapping windows': fresh(
    [POISON],
    { crash: 1 },
    { rules: SLIDING, appendEpochMs: [5] },
  ),
  'a poison event and a changing schema': waiting(['a', POISON], { timerDuplicated: 1, schemaChanged: 2 }),
  'a deployment that is deleted and made anew': waiting(['a', POISON], { deploymentDeleted: 1, crash: 1 }),
  'two deployments that are deleted': waiting(['a'], { deploymentDeleted: 2, timerDuplicated: 1 }),
  'a deployment that is deleted before a late request': waiting(['a'], {
    deploymentDeleted: 1,
    timerDuplicated: 1,
    lateRequest: 1,
  }),
  'a run deleted after its record': waiting(['a', 'b'], { runDeleted: 1, crash: 1, timerDuplicated: 1 }),
  'a record that vanishes': waiting(['a', 'b'], { recordVanished: 1, crash: 1, timerDuplicated: 1 }),
  'a window that has expired': waiting(['a'], { windowExpired: 1, timerDuplicated: 1, crash: 1 }),
  'a timer that is lost, and the sweep': fresh(
    ['a'],
    { timerLost: 1, crash: 1, sweep: 1 },
    { hasSweep: true },
  ),
  'overlapping windows': fresh(['a'], { timerEarly: 1 }, { ...OVERLAPPING, start: WITH_TIMER_OF_1 }),
  'overlapping windows and a crash': fresh(
    ['a'],
    { crash: 1 },
    { rules: SLIDING, appendEpochMs: [5], earlyEpochMs: [7] },
  ),
  'overlapping windows and a late request': fresh(
    ['a'],
    { lateRequest: 1, crash: 1 },
    { rules: SLIDING, appendEpochMs: [5] },
  ),
  'overlapping windows of one event': fresh(
    ['a', 'b'],
    { crash: 1 },
    { rules: { ...SLIDING, maxEvents: 1 }, appendEpochMs: [5], workers: 1 },
  ),
  'overlapping windows, a lost timer and the sweep': fresh(
    ['a'],
    { timerLost: 1, sweep: 1 },
    { rules: SLIDING, appendEpochMs: [5], hasSweep: true },
  ),
} as const satisfies Record<string, Setting>;

/** A worker of a rolling deployment set a timer and died, or lost the race for the window. */
function withForeignTimer(world: World): World {
  return { ...world, timers: [...world.timers, { sequence: 0, routeVersion: 'v2' }] };
}

/** What is explored of windows: together these hold every fault, in the combinations that break the mutations. */
import { newBatchId } from '../../lib/idempotency/identity.ts';
import type { WindowRules } from '../../lib/windows/window-rules.ts';
import type { Faults } from './faults.ts';
import { settingOf, TUMBLING, type Setting } from './setting.ts';
import { EMPTY_WORLD, POISON, type World } from './world.ts';

const WINDOWS: World = { ...EMPTY_WORLD, route: { mode: 'window', version: 'v1' } };
const DEBOUNCE: WindowRules = { ...TUMBLING, quietMs: 5 };
const SLIDING: WindowRules = { ...TUMBLING, maxWaitMs: null, paneMs: 10, panes: 2, maxEvents: 10 };

const OVERLAPPING = { rules: SLIDING, appendEpochMs: [5] };
/** Whoever was about to open the second window died. */
const WITH_TIMER_OF_1: World = { ...WINDOWS, timers: [{ sequence: 1, routeVersion: 'v1' }] };

type Options = NonNullable<Parameters<typeof settingOf>[2]>;

/** Nothing has happened yet. */
function fresh(events: readonly string[], faults: Partial<Faults>, options: Options = {}): Setting {
  return settingOf(events, faults, { redeliveries: 'told', start: WINDOWS, ...options });
}

/** These events wait in an open window. */
function waiting(events: readonly string[], faults: Partial<Faults>, options: Options = {}): Setting {
  return fresh(events, faults, { start: windowWith(events), ...options });
}

/** One event waits, and others come. */
function joining(others: readonly string[], faults: Partial<Faults>, options: Options = {}): Setting {
  return fresh(['a', ...others], faults, { start: windowWith(['a']), ...options });
}

export const WINDOW_SETTINGS = {
  'no faults': fresh(['a', 'b'], {}),
  'crashes': fresh(['a'], { crash: 2 }),
  'lost answers and a crash': fresh(['a'], { crash: 1, lostAnswer: 1 }),
  'lost requests and a crash': fresh(['a'], { crash: 1, lostRequest: 1 }),
  'a late request and a crash': fresh(['a'], { crash: 1, lateRequest: 1 }),
  'an impatient source and a late request': fresh(['a'], { impatience: 1, lateRequest: 1 }),
  'a batch whose owner died': fresh(['a', 'b'], {}, { start: claimedOnly(['a', 'b']) }),
  'a timer that is early': fresh(['a', 'b'], { timerEarly: 1 }),
  'a timer that is early and a crash': fresh(['a'], { timerEarly: 1, crash: 1 }),
  'an event comes while its window is flushed': joining(['b'], {}),
  'an event comes while its window is flushed, and a crash': joining(['b'], { crash: 1 }),
  'an event comes while its window is flushed, and a late request': joining(['b'], { lateRequest: 1 }),
  'a window that is full': joining(['b', 'c'], {}),
  'events that do not wait': fresh(['a', 'b'], {}, { urgent: ['b'] }),
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
  'a route that gets another deployment': fresh(['a'], { deploymentChanged: 1, crash: 1 }),
  'a route without windows, and a late request': fresh(['a'], { modeChanged: 1, lateRequest: 1, crash: 1 }),
  'a route without windows and back, and a crash': fresh(['a'], { modeChanged: 2, crash: 1 }),
  'a route that gets windows, and a late request': fresh(
    ['a'],
    { modeChanged: 1, lateRequest: 1 },
    { start: EMPTY_WORLD },
  ),
  'a route with other settings': joining(['b'], { routeChanged: 1 }),
  'debounce': joining(['b'], {}, { rules: DEBOUNCE, appendEpochMs: [0, 1], earlyEpochMs: [2, 5] }),
  'any clock': fresh(['a', 'b'], {}, { appendEpochMs: [0, 10], earlyEpochMs: [0] }),
  'any clock and a crash': fresh(['a'], { crash: 1 }, { appendEpochMs: [0, 10], earlyEpochMs: [0] }),
  // One worker: a claim that expires while its window is being closed is as good as one that expires after it.
  'a claim that has expired': fresh(['a'], { claimExpired: 1, sentTwice: 1, crash: 1 }, { workers: 1 }),
  'an event that is sent twice': fresh(['a'], { sentTwice: 2, runDeleted: 1, crash: 1 }),
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

/** An open window with these events in a chunk, and its timer. */
export function windowWith(events: readonly string[]): World {
  const members = events.map((event) => ({ claimKey: event, memberId: event }));
  const batchId = newBatchId('D1', 'r', members, null, 'window');
  return {
    ...WINDOWS,
    claims: Object.fromEntries(events.map((event) => [event, batchId])),
    chunks: { [batchId]: { sequence: 0, members: events, isClosed: false } },
    head: 0,
    windows: {
      0: {
        state: 'open',
        count: events.length,
        chunkIds: [batchId],
        routeVersion: 'v1',
        dueEpochMs: TUMBLING.maxWaitMs ?? 0,
        deadlineEpochMs: TUMBLING.maxWaitMs ?? 0,
        deployments: [{ fromPart: 0, deploymentRef: 'D1' }],
        isClosed: false,
      },
    },
    timers: [{ sequence: 0, routeVersion: 'v1' }],
    acknowledged: events,
    delivered: events,
  };
}

/** Their owner died before their chunk was in a window. */
function claimedOnly(events: readonly string[]): World {
  const { claims, delivered } = windowWith(events);
  return { ...WINDOWS, claims, delivered };
}

/** What is explored of windows while events come: together with flushes these hold every fault. */
import { TUMBLING, type Setting } from './setting.ts';
import { claimedOnly, DEBOUNCE, fresh, joining } from './window-starts.ts';
import { EMPTY_WORLD } from './state.ts';

export const APPEND_SETTINGS = {
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
  'a route that gets another deployment': fresh(['a'], { deploymentChanged: 1, crash: 1 }),
  'a route without windows, and a late request': fresh(['a'], { modeChanged: 1, lateRequest: 1, crash: 1 }),
  'a route without windows and back, and a crash': fresh(['a'], { modeChanged: 2, crash: 1 }),
  'a route that gets windows, and a late request': fresh(
    ['a'],
    { modeChanged: 1, lateRequest: 1 },
    { start: EMPTY_WORLD },
  ),
  'a route with other settings': joining(['b'], { routeChanged: 1 }),
  'a route with other caps': joining(
    ['b', 'c'],
    { routeChanged: 1, crash: 1 },
    { rulesOfV2: { ...TUMBLING, maxEvents: 4 }, workers: 1 },
  ),
  'a route with other caps, and two workers': joining(
    ['b'],
    { routeChanged: 2 },
    { rulesOfV2: { ...TUMBLING, maxEvents: 1 } },
  ),
  'debounce': joining(['b'], {}, { rules: DEBOUNCE, appendEpochMs: [0, 1], earlyEpochMs: [2, 5] }),
  'any clock': fresh(['a', 'b'], {}, { appendEpochMs: [0, 10], earlyEpochMs: [0] }),
  'any clock and a crash': fresh(['a'], { crash: 1 }, { appendEpochMs: [0, 10], earlyEpochMs: [0] }),
  // One worker: a claim that expires while its window is being closed is as good as one that expires after it.
  'a claim that has expired': fresh(['a'], { claimExpired: 1, sentTwice: 1, crash: 1 }, { workers: 1 }),
  'a key that recurs after its retention': fresh(['a'], { keyRecurred: 2, crash: 1 }),
  'a key that recurs while its expired claim is there': fresh(['a'], { keyRecurredBeforeTtl: 2, crash: 1 }),
  'a key that recurs, and chunks that expire': fresh(['a'], {
    keyRecurred: 1,
    keyRecurredBeforeTtl: 1,
    chunkExpired: 2,
  }),
  'a route that gets windows, and whose deployment and parameters change': fresh(
    ['a'],
    { modeChanged: 1, contentChanged: 1, crash: 1 },
    { start: EMPTY_WORLD },
  ),
  'an event that is sent twice': fresh(['a'], { sentTwice: 2, runDeleted: 1, crash: 1 }),
} as const satisfies Record<string, Setting>;

/** Where explorations of windows start: nothing there yet, events that wait, an owner who died. */
import { INSTALLATION } from './window-series.ts';
import { firstBatchId } from '../../lib/batching/batch-id.ts';
import type { WindowRules } from '../../lib/windows/window-rules.ts';
import type { Faults } from './faults.ts';
import { settingOf, TUMBLING, type Setting } from './setting.ts';
import { EMPTY_WORLD, type World } from './state.ts';

const WINDOWS: World = { ...EMPTY_WORLD, route: { mode: 'window', version: 'v1' } };
export const DEBOUNCE: WindowRules = { ...TUMBLING, quietMs: 5 };
export const SLIDING: WindowRules = { ...TUMBLING, maxWaitMs: null, paneMs: 10, panes: 2, maxEvents: 10 };

export const OVERLAPPING = { rules: SLIDING, appendEpochMs: [5] };
/** Whoever was about to open the second window died. */
export const WITH_TIMER_OF_1: World = { ...WINDOWS, timers: [{ sequence: 1, routeVersion: 'v1' }] };

type Options = NonNullable<Parameters<typeof settingOf>[2]>;

/** Nothing has happened yet. */
export function fresh(events: readonly string[], faults: Partial<Faults>, options: Options = {}): Setting {
  return settingOf(events, faults, { redeliveries: 'told', start: WINDOWS, ...options });
}

/** These events wait in an open window. */
export function waiting(events: readonly string[], faults: Partial<Faults>, options: Options = {}): Setting {
  return fresh(events, faults, { start: windowWith(events), ...options });
}

/** One event waits, and others come. */
export function joining(others: readonly string[], faults: Partial<Faults>, options: Options = {}): Setting {
  return fresh(['a', ...others], faults, { start: windowWith(['a']), ...options });
}

/** An open window with these events in a chunk, and its timer. */
export function windowWith(events: readonly string[]): World {
  const members = events.map((event) => ({ claimKey: event, memberId: event, origin: `${event}#0` }));
  const scope = { installation: INSTALLATION, route: 'r', destination: 'window' } as const;
  const batchId = firstBatchId('D1', scope, members);
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
export function claimedOnly(events: readonly string[]): World {
  const { claims, delivered } = windowWith(events);
  return { ...WINDOWS, claims, delivered };
}

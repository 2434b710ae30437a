import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GRACE_MS,
  overdueWindows,
  refsToRead,
  type SweepRoute,
} from '../../../lib/reconcile/window-sweep.ts';
import { windowRulesOf } from '../../../lib/windows/window-rules.ts';
import { windowIdOf, windowSeriesOf, type Window } from '../../../lib/windows/window.ts';

const DUE = 1_790_000_000_000;
const NO_KEY = { key: null, maxEvents: 100, maxBytes: 400_000 };
const tumbling = windowRulesOf({ mode: 'window', maxWaitSeconds: 600, bypassWhen: null, ...NO_KEY });

function makeWindow(changes: Partial<Window> = {}): Window {
  return {
    series: windowSeriesOf('process-orders', 'test', ''),
    sequence: 0,
    key: '',
    routeVersion: 'now',
    openedAtEpochMs: DUE - 600_000,
    dueEpochMs: DUE,
    deadlineEpochMs: DUE + 600_000,
    state: 'open',
    isClosed: false,
    count: 1,
    bytes: 10,
    additions: 1,
    flushLeaseEpochMs: null,
    reason: null,
    sealedAtEpochMs: null,
    deployments: [{ fromPart: 0, deploymentRef: 'deployment' }],
    ...changes,
  };
}

/** What is overdue of one window that is not closed, that long after it was due. */
function reasonsOf(window: Window, afterMs: number, route: SweepRoute): readonly string[] {
  const windows = new Map([[windowIdOf(window), window]]);
  return overdueWindows([window], windows, () => route, DUE + afterMs).map(({ reason }) => reason);
}

describe('a window that follows another', () => {
  const deployed = { rules: tumbling, isDeployed: true };
  const sealed = { state: 'sealed', sealedAtEpochMs: DUE } as const;
  const flushed = { state: 'flushed', sealedAtEpochMs: DUE } as const;

  it.each([
    ['is waiting before it is due', {}, -1, deployed, []],
    ['is waiting for its timer within the grace', {}, GRACE_MS - 1, deployed, []],
    ['is overdue when its grace is over, long before its deadline', {}, GRACE_MS, deployed, ['overdue']],
    ['has somebody at work on it within the grace of its sealing', sealed, GRACE_MS - 1, deployed, []],
    ['is not flushed when the grace of its sealing is over', sealed, GRACE_MS, deployed, ['not-flushed']],
    ['is being closed within the grace', flushed, GRACE_MS - 1, deployed, []],
    ['is not closed when the grace is over', flushed, GRACE_MS, deployed, ['not-closed']],
    [
      'of a route that is not deployed so waits no longer',
      {},
      -1,
      { ...deployed, isDeployed: false },
      ['route-changed'],
    ],
    ['of a route that cannot be read is reported at once', {}, -1, null, ['route-unreadable']],
  ] as const)('%s', (_, changes, afterMs, route, expected) => {
    expect(reasonsOf(makeWindow(changes), afterMs, route)).toEqual(expected);
  });

  it('flushes an overdue window under the version that it was opened with', () => {
    const window = makeWindow({ routeVersion: 'then' });
    const [overdue] = overdueWindows([window], new Map(), () => deployed, DUE + GRACE_MS);
    expect(overdue?.request).toEqual({ ref: { series: window.series, sequence: 0 }, routeVersion: 'then' });
    expect(overdue?.sinceEpochMs).toBe(DUE);
  });
});

describe('windows that overlap', () => {
  const EVERY_MS = 60_000;

  interface Line {
    readonly panes: number;
    /** By sequence, from 0: what stands there. */
    readonly states: readonly ('none' | 'empty' | 'open' | 'sealed' | 'flushed')[];
    /** Panes with events that are closed. */
    readonly closed: ReadonlySet<number>;
    readonly endedWindows: number;
  }

  const lines: fc.Arbitrary<Line> = fc.record({
    panes: fc.integer({ min: 2, max: 4 }),
    states: fc.array(fc.constantFrom('none', 'empty', 'open', 'sealed', 'flushed'), {
      minLength: 1,
      maxLength: 8,
    }),
    closed: fc.array(fc.nat(8)).map((sequences) => new Set(sequences)),
    endedWindows: fc.nat(14),
  });

  const isUnclosed = (series: Line, sequence: number): boolean => {
    const state = series.states[sequence] ?? 'none';
    return state !== 'none' && !series.closed.has(sequence);
  };

  /** What the drawing in the module says, window by window. */
  const expectedOverdue = (series: Line): readonly number[] => {
    const highest = series.states.length + series.panes;
    return Array.from({ length: highest }, (_, window) => window).filter((window) => {
      if (window >= series.endedWindows) return false;
      const own = series.states[window] ?? 'none';
      const hasUnclosedEvents = (pane: number): boolean =>
        isUnclosed(series, pane) && series.states[pane] !== 'empty';
      const covered = Array.from({ length: series.panes }, (_, index) => window - index);
      if (own === 'flushed') return hasUnclosedEvents(window - series.panes + 1);
      return covered.some(hasUnclosedEvents) || (own === 'empty' && isUnclosed(series, window));
    });
  };

  it('finds overlapping windows overdue if they ended, cover an unclosed pane, and are not flushed or did not close it', () => {
    fc.assert(
      fc.property(lines, (series) => {
        const everySeconds = EVERY_MS / 1_000;
        const rules = windowRulesOf({
          mode: 'sliding',
          sizeSeconds: series.panes * everySeconds,
          everySeconds,
          ...NO_KEY,
        });
        const all = series.states.flatMap((state, sequence) => {
          if (state === 'none') return [];
          const sealedAtEpochMs = state === 'open' ? null : 0;
          const isEmpty = state === 'empty';
          return [
            makeWindow({
              sequence,
              sealedAtEpochMs,
              state: isEmpty ? 'sealed' : state,
              count: isEmpty ? 0 : 1,
            }),
          ];
        });
        const unclosed = all.filter(({ sequence }) => isUnclosed(series, sequence));
        const nowEpochMs = series.endedWindows * EVERY_MS + GRACE_MS;
        const routes = (): SweepRoute => ({ rules, isDeployed: true });

        const wanted = new Set([...unclosed, ...refsToRead(unclosed, routes, nowEpochMs)].map(windowIdOf));
        const read = new Map(
          all.map((window) => [windowIdOf(window), window] as const).filter(([id]) => wanted.has(id)),
        );
        const overdue = overdueWindows(unclosed, read, routes, nowEpochMs);

        const sequences = overdue.map(({ request }) => request.ref.sequence);
        expect(sequences.toSorted((one, other) => one - other)).toEqual(expectedOverdue(series));
      }),
    );
  });

  it('that were never opened are flushed under the version of the latest pane that they cover', () => {
    const rules = windowRulesOf({ mode: 'sliding', sizeSeconds: 180, everySeconds: 60, ...NO_KEY });
    const flushed = { state: 'flushed', sealedAtEpochMs: 0 } as const;
    const panes = [
      makeWindow({ sequence: 1, routeVersion: 'later', ...flushed }),
      makeWindow({ sequence: 0, routeVersion: 'earlier', ...flushed }),
    ];
    const windows = new Map(panes.map((pane) => [windowIdOf(pane), pane]));
    const routes = (): SweepRoute => ({ rules, isDeployed: true });
    const overdue = overdueWindows(panes, windows, routes, 3 * 60_000 + GRACE_MS);
    expect(overdue.map(({ request }) => [request.ref.sequence, request.routeVersion])).toEqual([
      [2, 'later'],
    ]);
  });
});

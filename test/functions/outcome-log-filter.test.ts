import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutcomeLogFilter } from '../../functions/outcome-log-filter.ts';
import type { Outcome } from '../../lib/outcome.ts';

const run = { route: 'r', batchId: 'b', flowRunId: 'f' };
const uneventful: readonly Outcome[] = [
  { kind: 'created', ...run },
  { kind: 'duplicate', ...run },
  { kind: 'filtered', reason: 'no-route-matched' },
];
const exceptions: readonly Outcome[] = [
  { kind: 'held', route: 'r', batchId: 'b', windowId: 'w' },
  { kind: 'retry', route: 'r', code: 'in-flight', detail: 'wait' },
  { kind: 'dead-lettered', route: 'r', code: 'invalid-json', detail: 'at 1' },
];

function isLogged(
  filter: OutcomeLogFilter,
  outcomes: readonly Outcome[],
  id = 'event-1',
): readonly boolean[] {
  return outcomes.map((outcome) => filter.isLogged(outcome, id));
}

describe('which outcomes are logged', () => {
  it('is all of them by default', () => {
    const filter = new OutcomeLogFilter({ kind: 'all' });
    expect(isLogged(filter, [...uneventful, ...exceptions])).toEqual(Array.from({ length: 6 }, () => true));
    expect(filter.isRequestLogged(202, 'request-1')).toBe(true);
  });

  it('is none of the uneventful ones with exceptions', () => {
    const filter = new OutcomeLogFilter({ kind: 'exceptions' });
    expect(isLogged(filter, uneventful)).toEqual([false, false, false]);
    expect(filter.isRequestLogged(202, 'request-1')).toBe(false);
  });

  it('includes dead letters, retries, events held in windows and refused requests, however few lines are chosen', () => {
    const filters = [
      new OutcomeLogFilter({ kind: 'exceptions' }),
      new OutcomeLogFilter({ kind: 'sampled', share: 0.000001 }),
    ];
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 400, max: 599 }), (id, status) => {
        for (const filter of filters) {
          expect(isLogged(filter, exceptions, id)).toEqual([true, true, true]);
          expect(filter.isRequestLogged(status, id)).toBe(true);
        }
      }),
    );
  });

  it('is the share that was asked for, also among ids that differ in their last digits only', () => {
    const ids = Array.from({ length: 100_000 }, (_, index) => `orders/0/${1_000_000 + index}`);
    for (const share of [0.001, 0.01, 0.1, 0.5]) {
      const filter = new OutcomeLogFilter({ kind: 'sampled', share });
      const logged = ids.filter((id) => filter.isRequestLogged(202, id)).length / ids.length;
      // Five standard deviations of a binomial distribution.
      const tolerance = 5 * Math.sqrt((share * (1 - share)) / ids.length);
      expect(Math.abs(logged - share), String(share)).toBeLessThan(tolerance);
    }
  });

  it('is the same for all outcomes of one event, so that its whole story is in the log or none of it', () => {
    const filter = new OutcomeLogFilter({ kind: 'sampled', share: 0.5 });
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(new Set(isLogged(filter, uneventful, id)).size).toBe(1);
      }),
    );
  });

  it('of a larger share contains that of a smaller one', () => {
    const few = new OutcomeLogFilter({ kind: 'sampled', share: 0.1 });
    const many = new OutcomeLogFilter({ kind: 'sampled', share: 0.3 });
    const all = new OutcomeLogFilter({ kind: 'sampled', share: 1 });
    fc.assert(
      fc.property(fc.string(), (id) => {
        if (few.isRequestLogged(202, id)) expect(many.isRequestLogged(202, id)).toBe(true);
        expect(all.isRequestLogged(202, id)).toBe(true);
      }),
    );
  });
});

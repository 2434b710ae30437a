import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispositionOf, mustRedeliver, type Outcome } from '../../lib/outcome.ts';

const batch = { route: 'r', batchId: 'D.b' };
const OUTCOMES: readonly (readonly [Outcome, ReturnType<typeof dispositionOf>])[] = [
  [{ kind: 'created', ...batch, flowRunId: 'run' }, 'acknowledge'],
  [{ kind: 'duplicate', ...batch, flowRunId: 'run' }, 'acknowledge'],
  [{ kind: 'held', ...batch, windowId: 'r#k#0' }, 'acknowledge'],
  [{ kind: 'duplicate', ...batch, windowId: 'r#k#0' }, 'acknowledge'],
  [{ kind: 'filtered', reason: 'no-route-matched' }, 'acknowledge'],
  [{ kind: 'retry', code: 'prefect-unavailable', detail: '' }, 'redeliver'],
  [{ kind: 'dead-lettered', code: 'invalid-json', detail: '' }, 'dead-letter-then-acknowledge'],
];
const settled = OUTCOMES.filter(([, disposition]) => disposition !== 'redeliver').map(([outcome]) => outcome);
const retry: Outcome = { kind: 'retry', code: 'in-flight', detail: '' };

describe('an outcome', () => {
  it.each(OUTCOMES)('%o is answered with %s', (outcome, disposition) => {
    expect(dispositionOf(outcome)).toBe(disposition);
  });
});

describe('the outcomes of one record', () => {
  it('acknowledge it when each of its events is in a run, in a window, filtered or dead-lettered, and not before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...settled)), fc.nat(), (outcomes, position) => {
        expect(mustRedeliver(outcomes)).toBe(false);
        const withOneToCome = outcomes.toSpliced(position % (outcomes.length + 1), 0, retry);
        expect(mustRedeliver(withOneToCome)).toBe(true);
      }),
    );
  });
});

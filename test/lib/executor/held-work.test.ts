import { describe, expect, it } from 'vitest';
import type { AdmissionResult } from '../../../lib/budget/request-budget.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';
import { SAMPLE_WINDOW } from '../../../test/support/builders/compiled-config.ts';

const HELD: AdmissionResult = { kind: 'held', by: 'breaker', detail: 'Prefect is down', retryAfterMs: 9_000 };

function budgetOf(result: AdmissionResult) {
  return { reserve: () => Promise.resolve(result) };
}

const ORDERS = [1, 2, 3].map((n) => sqsRecord(`m${n}`, `{"id":${n}}`));

describe('events that have to wait', () => {
  it('are not claimed, and say for how long and for what', async () => {
    const parts = new PipelineParts();
    parts.budget = budgetOf(HELD);
    const outcomes = await parts.run(ORDERS);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(
      ORDERS.map(() => ({
        kind: 'retry',
        route: 'process-orders',
        code: 'held-by-breaker',
        detail: 'Prefect is down',
        retryAfterMs: 9_000,
      })),
    );
    expect(parts.claims.claims.size).toBe(0);
    expect(parts.prefect.createsSent).toEqual([]);

    parts.budget = budgetOf({ kind: 'admitted', count: 1 });
    await parts.run(ORDERS);
    expect(parts.orders.flat()).toHaveLength(3);
  });

  it('let those pass for which the budget has room', async () => {
    const parts = new PipelineParts(sqsConfig({ coalesce: { mode: 'none' } }));
    parts.budget = budgetOf({ kind: 'admitted', count: 2 });
    const outcomes = await parts.run(ORDERS);
    const kinds = outcomes.map(({ outcome }) => (outcome.kind === 'retry' ? outcome.code : outcome.kind));
    expect(kinds.toSorted()).toEqual(['created', 'created', 'held-by-budget']);
    expect(parts.prefect.createsSent).toHaveLength(2);
  });

  it('are added to windows all the same, since that sends nothing to Prefect', async () => {
    const parts = new PipelineParts(sqsConfig({ coalesce: SAMPLE_WINDOW }));
    parts.budget = budgetOf(HELD);
    const outcomes = await parts.run(ORDERS);
    expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(['held', 'held', 'held']);
  });

  it('stay in a window that is due, which is flushed when it is its turn', async () => {
    const parts = new PipelineParts(sqsConfig({ coalesce: SAMPLE_WINDOW }));
    await parts.run(ORDERS);
    parts.nowEpochMs += SAMPLE_WINDOW.maxWaitSeconds * 1_000 + 1;
    parts.budget = budgetOf(HELD);
    const [held] = await parts.flushDue();
    expect(held?.result).toEqual({ kind: 'retry', detail: 'Prefect is down' });
    expect(parts.prefect.createsSent).toEqual([]);

    parts.budget = budgetOf({ kind: 'admitted', count: 1 });
    await parts.flushDue();
    expect(parts.prefect.createsSent).toHaveLength(1);
    expect(parts.orders.flat()).toHaveLength(3);
  });
});

/** Two stacks on one Prefect, or a stack with a new table, never share a flow run. */
import { describe, expect, it } from 'vitest';
import type { CompiledCoalescing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';
import { sharePrefect } from '../../support/builders/redeployment.ts';

const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 } as const;
const WINDOW = { mode: 'window', ...CAPS, maxWaitSeconds: 10, bypassWhen: null } as const;
const MODES: readonly CompiledCoalescing[] = [{ mode: 'none' }, { mode: 'invocation', ...CAPS }, WINDOW];
const dedupe = { key: 'event.data.id', retentionSeconds: 86_400 };

function stack(coalesce: CompiledCoalescing, installation: string, of?: PipelineParts): PipelineParts {
  const parts = new PipelineParts(sqsConfig({ coalesce, dedupe }));
  parts.installation = installation;
  return of === undefined ? parts : sharePrefect(parts, of.prefect);
}

async function flush(...stacks: readonly PipelineParts[]): Promise<void> {
  for (const parts of stacks) {
    parts.nowEpochMs += 11_000;
    await parts.flushDue();
  }
}

describe.each(MODES)(
  'two stacks with the same route and deployment on one Prefect, mode $mode',
  (coalesce) => {
    it('make a run each for events of the same key, even of the same message id', async () => {
      const one = stack(coalesce, 'table-1');
      const two = stack(coalesce, 'table-2', one);
      await one.run([sqsRecord('m1', '{"id":"1","tenant":"A"}')]);
      await two.run([sqsRecord('m1', '{"id":"1","tenant":"B"}')]);
      await flush(one, two);
      expect(one.orders).toEqual([[{ id: '1', tenant: 'A' }], [{ id: '1', tenant: 'B' }]]);
    });

    it('make a run each for different events in their first windows', async () => {
      const one = stack(coalesce, 'table-1');
      const two = stack(coalesce, 'table-2', one);
      await one.run([sqsRecord('m1', '{"id":"1"}')]);
      await two.run([sqsRecord('m2', '{"id":"2"}')]);
      await flush(one, two);
      expect(one.orders).toEqual([[{ id: '1' }], [{ id: '2' }]]);
    });

    it('make runs anew for a stack whose table is new, however long ago the first runs were', async () => {
      const before = stack(coalesce, 'table-1');
      await before.run([sqsRecord('m1', '{"id":"1","n":1}')]);
      await flush(before);
      const after = stack(coalesce, 'table-2', before);
      after.nowEpochMs = before.nowEpochMs + 100 * 86_400_000;
      await after.run([sqsRecord('x1', '{"id":"1","n":2}'), sqsRecord('x2', '{"id":"2","n":2}')]);
      await flush(after);
      expect(before.orders.flat()).toEqual([
        { id: '1', n: 1 },
        { id: '1', n: 2 },
        { id: '2', n: 2 },
      ]);
    });
  },
);

describe('a Prefect whose workspace is another one now', () => {
  it('gets the runs of windows that were opened for the old one', async () => {
    const parts = stack(WINDOW, 'table-1');
    await parts.run([sqsRecord('m1', '{"id":"1"}')]);
    const other = stack(WINDOW, 'table-1');
    sharePrefect(parts, other.prefect);
    await flush(parts);
    expect(other.orders).toEqual([[{ id: '1' }]]);
  });
});

describe('a Prefect that was restored from a backup without the latest runs', () => {
  it('does not get them again: the record says duplicate, and reconcile reports the run as deleted', async () => {
    const parts = stack({ mode: 'none' }, 'table-1');
    await parts.run([sqsRecord('m1', '{"id":"1"}')]);
    for (const { flowRunId } of [...parts.prefect.flowRuns]) parts.prefect.deleteFlowRun(flowRunId);
    const again = await parts.run([sqsRecord('m1', '{"id":"1"}', 2)]);
    expect(again.map(({ outcome }) => outcome.kind)).toEqual(['duplicate']);
  });
});

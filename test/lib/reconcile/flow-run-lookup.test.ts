import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchIdOf } from '../../../lib/prefect/idempotency-key.ts';
import { UnreadableRunError } from '../../../lib/prefect/run-label.ts';
import { FlowRunLookup } from '../../../lib/reconcile/flow-run-lookup.ts';
import type { FlowRunLookupPorts } from '../../../lib/reconcile/reconcile-ports.ts';
import { unavailableOf } from '../../../lib/prefect/classify-response.ts';
import { PLENTY_OF_TIME } from '../../support/builders/pipeline-parts.ts';

const TERMS = { requestTimeoutMs: 10_000, deadline: PLENTY_OF_TIME };

/** Prefect with the runs of these batches, which answers 503 from the n-th request on. */
function prefectWith(runs: ReadonlySet<string>, outageAfter = Number.POSITIVE_INFINITY) {
  const asked: (readonly string[])[] = [];
  const ports: FlowRunLookupPorts = {
    flowRunCounter: {
      countDeployments: () => Promise.reject(new Error('no deployment was to be counted')),
      countFlowRuns: (keys) => {
        asked.push(keys);
        if (asked.length > outageAfter) return Promise.resolve(unavailableOf(503, undefined, null));
        const count = keys.filter((key) => runs.has(batchIdOf(key))).length;
        return Promise.resolve({ kind: 'count', count });
      },
    },
    flowRunFinder: { findFlowRun: () => Promise.resolve({ kind: 'none' }) },
  };
  return { asked, ports };
}

const batchIds = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }).map(String), { maxLength: 400 });

describe('FlowRunLookup', () => {
  it('finds exactly the batches that have a flow run, whatever is there', async () => {
    await fc.assert(
      fc.asyncProperty(batchIds, fc.func(fc.boolean()), async (ids, isThere) => {
        const runs = new Set(ids.filter((id) => isThere(id)));
        const {
          present,
          absent,
          outage: unclear,
        } = await new FlowRunLookup(prefectWith(runs).ports, TERMS).existing(ids);
        expect(unclear).toBeNull();
        expect(present).toEqual(runs);
        expect(absent).toEqual(new Set(ids.filter((id) => !runs.has(id))));
      }),
      { numRuns: 50 },
    );
  });

  it('asks once for a hundred batches of which all or none have a flow run', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => String(index));
    for (const runs of [new Set(ids), new Set<string>()]) {
      const prefect = prefectWith(runs);
      await new FlowRunLookup(prefect.ports, TERMS).existing(ids);
      expect(prefect.asked.map((keys) => keys.length)).toEqual([100, 100, 50]);
    }
  });

  it('asks about twice for each halving when one flow run is missing', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => String(index));
    const prefect = prefectWith(new Set(ids.filter((id) => id !== '42')));
    await new FlowRunLookup(prefect.ports, TERMS).existing(ids);
    expect(prefect.asked.length).toBeLessThanOrEqual(1 + 2 * 7);
  });

  it('concludes nothing about batches after an outage, and stops asking', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => String(index));
    const prefect = prefectWith(new Set(ids), 1);
    const inquiry = new FlowRunLookup(prefect.ports, TERMS);
    const { present, absent, outage: unclear } = await inquiry.existing(ids);
    expect([present.size, absent.size, unclear?.status]).toEqual([100, 0, 503]);
    expect(await inquiry.findRun('1')).toMatchObject({ kind: 'unavailable', status: 503 });
    expect(prefect.asked).toHaveLength(2);
  });

  it('does not ask Prefect when the invocation is about to end', async () => {
    const prefect = prefectWith(new Set());
    const inquiry = new FlowRunLookup(prefect.ports, { ...TERMS, deadline: { remainingMs: () => 4_000 } });
    expect((await inquiry.existing(['a'])).outage).toMatchObject({ kind: 'unavailable' });
    expect(prefect.asked).toEqual([]);
  });

  it('reports a run whose labels were changed as unknown, and continues', async () => {
    const { ports } = prefectWith(new Set());
    const unreadable = {
      findFlowRun: () =>
        Promise.reject(new UnreadableRunError('run', 'batch', 'sluice.batch is not this batch')),
    };
    const inquiry = new FlowRunLookup({ ...ports, flowRunFinder: unreadable }, TERMS);
    expect(await inquiry.findRun('batch')).toMatchObject({ kind: 'unavailable', status: 0 });
    expect((await inquiry.existing(['a'])).absent).toEqual(new Set(['a']));
  });
});

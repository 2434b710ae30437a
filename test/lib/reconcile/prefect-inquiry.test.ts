import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchIdOf } from '../../../lib/prefect/idempotency-key.ts';
import { UnreadableRunError } from '../../../lib/prefect/run-label.ts';
import { PrefectInquiry } from '../../../lib/reconcile/prefect-inquiry.ts';
import type { InquiryPorts } from '../../../lib/reconcile/reconcile-ports.ts';
import { unavailableOf } from '../../../lib/prefect/classify-response.ts';
import { PLENTY_OF_TIME } from '../../support/builders/pipeline-parts.ts';

const TERMS = { requestTimeoutMs: 10_000, deadline: PLENTY_OF_TIME };

/** Prefect with the runs of these batches, which answers 503 from the n-th request on. */
function prefectWith(runs: ReadonlySet<string>, outageAfter = Number.POSITIVE_INFINITY) {
  const asked: (readonly string[])[] = [];
  const ports: InquiryPorts = {
    flowRunCounter: {
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

describe('asking Prefect which batches have a run', () => {
  it('tells those that have one from those that have none, whatever is there', async () => {
    await fc.assert(
      fc.asyncProperty(batchIds, fc.func(fc.boolean()), async (ids, isThere) => {
        const runs = new Set(ids.filter((id) => isThere(id)));
        const { present, absent, indeterminate } = await new PrefectInquiry(
          prefectWith(runs).ports,
          TERMS,
        ).presenceOf(ids);
        expect(indeterminate).toBeNull();
        expect(present).toEqual(runs);
        expect(absent).toEqual(new Set(ids.filter((id) => !runs.has(id))));
      }),
      { numRuns: 50 },
    );
  });

  it('takes one small request for a hundred batches when all are there, or none', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => String(index));
    for (const runs of [new Set(ids), new Set<string>()]) {
      const prefect = prefectWith(runs);
      await new PrefectInquiry(prefect.ports, TERMS).presenceOf(ids);
      expect(prefect.asked.map((keys) => keys.length)).toEqual([100, 100, 50]);
    }
  });

  it('takes about two requests for each halving when one is missing', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => String(index));
    const prefect = prefectWith(new Set(ids.filter((id) => id !== '42')));
    await new PrefectInquiry(prefect.ports, TERMS).presenceOf(ids);
    expect(prefect.asked.length).toBeLessThanOrEqual(1 + 2 * 7);
  });

  it('concludes nothing about those after an answer that is none, and asks nothing more', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => String(index));
    const prefect = prefectWith(new Set(ids), 1);
    const inquiry = new PrefectInquiry(prefect.ports, TERMS);
    const { present, absent, indeterminate } = await inquiry.presenceOf(ids);
    expect([present.size, absent.size, indeterminate?.status]).toEqual([100, 0, 503]);
    expect(await inquiry.findRun('1')).toMatchObject({ kind: 'unavailable', status: 503 });
    expect(prefect.asked).toHaveLength(2);
  });

  it('asks nothing when the invocation is about to end', async () => {
    const prefect = prefectWith(new Set());
    const inquiry = new PrefectInquiry(prefect.ports, { ...TERMS, deadline: { remainingMs: () => 4_000 } });
    expect((await inquiry.presenceOf(['a'])).indeterminate).toMatchObject({ kind: 'unavailable' });
    expect(prefect.asked).toEqual([]);
  });

  it('calls a run indeterminate whose labels somebody has changed, and goes on', async () => {
    const { ports } = prefectWith(new Set());
    const unreadable = {
      findFlowRun: () =>
        Promise.reject(new UnreadableRunError('run', 'batch', 'sluice.batch is not this batch')),
    };
    const inquiry = new PrefectInquiry({ ...ports, flowRunFinder: unreadable }, TERMS);
    expect(await inquiry.findRun('batch')).toMatchObject({ kind: 'unavailable', status: 0 });
    expect((await inquiry.presenceOf(['a'])).absent).toEqual(new Set(['a']));
  });
});

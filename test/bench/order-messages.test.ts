import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeDeliveries } from '../../bench/order-messages.ts';

const workloads = fc.record({
  batchSize: fc.integer({ min: 1, max: 40 }),
  duplicatePercent: fc.constantFrom(0, 20, 50, 100),
});

function orderIdOf({ body }: { readonly body: string }): unknown {
  return (JSON.parse(body) as { orderId: unknown }).orderId;
}

describe('the deliveries of a workload', () => {
  it('repeat orders of the seed in the requested share, each in its own message', () => {
    fc.assert(
      fc.property(workloads, fc.integer({ min: 1, max: 8 }), (workload, invocations) => {
        const { seed, events, freshCount } = makeDeliveries(workload, invocations, 'salt');
        const messages = events.flatMap(({ Records }) => Records);
        const seeded = new Set(seed.Records.map(orderIdOf));
        const fresh = messages.map(orderIdOf).filter((orderId) => !seeded.has(orderId));

        expect(events.map(({ Records }) => Records.length)).toEqual(
          Array(invocations).fill(workload.batchSize),
        );
        expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(messages.length);
        expect(new Set(fresh).size).toBe(fresh.length);
        expect(freshCount).toBe(fresh.length);
        expect(messages.length - fresh.length).toBe(
          Math.floor((messages.length * workload.duplicatePercent) / 100),
        );
      }),
    );
  });

  it('have no order in common with another measurement', () => {
    const orders = (salt: string) => {
      const { seed, events } = makeDeliveries({ batchSize: 10, duplicatePercent: 20 }, 2, salt);
      return [seed, ...events].flatMap(({ Records }) => Records.map(orderIdOf));
    };

    const ofAnother = new Set(orders('another'));
    expect(orders('one').filter((orderId) => ofAnother.has(orderId))).toEqual([]);
  });
});

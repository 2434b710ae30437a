import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetLedger } from '../../../scripts/kafka/offset-ledger.ts';

describe('OffsetLedger', () => {
  it('never lets a record be passed that is not done, and lets all be passed once all are', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gaps, fc.infiniteStream(fc.nat()), (gapList, order) => {
        const ledger = new OffsetLedger();
        ledger.open('orders-0', 0n);
        const offsets = gapList.map((_, index) =>
          gapList.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0),
        );
        const end = BigInt((offsets.at(-1) ?? 0) + 2);
        ledger.advance('orders-0', offsets, end);
        const open = [...offsets];
        while (open.length > 0) {
          const [done = 0] = open.splice((order.next().value ?? 0) % open.length, 1);
          ledger.markDone('orders-0', done);
          const [committable] = ledger.committable();
          if (committable !== undefined) {
            expect(open.every((offset) => offset >= committable.offset)).toBe(true);
            ledger.markCommitted([committable]);
          }
        }
        // One past the end of a transaction, which no record has.
        expect(ledger.committable()).toEqual([]);
        expect(ledger.positionOf('orders-0')).toBe(end);
        ledger.advance('orders-0', [], end + 1n);
        expect(ledger.committable()).toEqual([{ topicPartition: 'orders-0', offset: end + 1n }]);
      }),
    );
  });

  it('commits nothing of a partition that is lost, even when its records are done later', () => {
    const ledger = new OffsetLedger();
    ledger.open('orders-0', 5n);
    ledger.advance('orders-0', [5], 6n);
    ledger.close('orders-0');
    ledger.markDone('orders-0', 5);
    expect(ledger.committable()).toEqual([]);
    expect(ledger.has('orders-0')).toBe(false);
    expect(() => ledger.positionOf('orders-0')).toThrow('orders-0 is not assigned.');
  });

  it('commits nothing twice', () => {
    const ledger = new OffsetLedger();
    ledger.open('orders-0', 5n);
    expect(ledger.committable()).toEqual([]);
    ledger.advance('orders-0', [5, 6], 7n);
    ledger.markDone('orders-0', 5);
    const committable = ledger.committable();
    expect(committable).toEqual([{ topicPartition: 'orders-0', offset: 6n }]);
    ledger.markCommitted(committable);
    expect(ledger.committable()).toEqual([]);
  });
});

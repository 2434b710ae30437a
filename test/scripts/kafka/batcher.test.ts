import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batcher } from '../../../scripts/kafka/batcher.ts';
import { topicPartitionOf, type KafkaRecord } from '../../../scripts/kafka/kafka-record.ts';
import { toLambdaEvent, type LambdaKafkaSource } from '../../../scripts/kafka/lambda-event.ts';
import { anyKafkaRecords, makeKafkaRecord } from '../../support/builders/make-kafka-record.ts';

const source: LambdaKafkaSource = { eventSource: 'SelfManagedKafka', bootstrapServers: 'h:1' };
const NOBODY: ReadonlySet<string> = new Set();

function batches(batcher: Batcher, nowMs: number, busy = NOBODY): readonly (readonly KafkaRecord[])[] {
  const taken: (readonly KafkaRecord[])[] = [];
  for (
    let next = batcher.take(nowMs, busy);
    next !== null && !('dueInMs' in next);
    next = batcher.take(nowMs, busy)
  ) {
    taken.push(next);
  }
  return taken;
}

describe('Batcher', () => {
  it('gives out every record once, each partition in its order, within both limits', () => {
    const limits = {
      batchSize: fc.integer({ min: 1, max: 10 }),
      maxEventBytes: fc.integer({ min: 900, max: 4_000 }),
    };
    fc.assert(
      fc.property(anyKafkaRecords, fc.record(limits), (records, { batchSize, maxEventBytes }) => {
        const batcher = new Batcher({ batchSize, maxEventBytes, windowMs: 0 }, source);
        const fitting = records.filter((record) => batcher.fitsAlone(record));
        for (const record of fitting) batcher.add(record, 0);
        const taken = batches(batcher, 0);
        expect(taken.flat()).toEqual(fitting);
        for (const batch of taken) {
          expect(batch.length).toBeLessThanOrEqual(batchSize);
          expect(Buffer.byteLength(JSON.stringify(toLambdaEvent(source, batch)))).toBeLessThanOrEqual(
            maxEventBytes,
          );
        }
      }),
    );
  });

  it('never mixes in a partition that is busy, and keeps what waits of it', () => {
    fc.assert(
      fc.property(anyKafkaRecords, (records) => {
        const batcher = new Batcher({ batchSize: 7, maxEventBytes: 6_000_000, windowMs: 0 }, source);
        for (const record of records) batcher.add(record, 0);
        const ofBusy = (record: KafkaRecord): boolean => topicPartitionOf(record) === 'orders-0';
        expect(batches(batcher, 0, new Set(['orders-0'])).flat()).toEqual(records.filter((r) => !ofBusy(r)));
        expect(batches(batcher, 0).flat()).toEqual(records.filter(ofBusy));
      }),
    );
  });

  it('waits for the window of its first record, and no longer than until a batch is full', () => {
    const batcher = new Batcher({ batchSize: 2, maxEventBytes: 6_000_000, windowMs: 500 }, source);
    expect(batcher.take(0, NOBODY)).toBeNull();
    batcher.add(makeKafkaRecord({ offset: 0 }), 100);
    expect(batcher.take(300, NOBODY)).toEqual({ dueInMs: 300 });
    expect(batcher.take(600, NOBODY)).toMatchObject([{ offset: 0 }]);
    batcher.add(makeKafkaRecord({ offset: 1 }), 700);
    batcher.add(makeKafkaRecord({ offset: 2 }), 701);
    batcher.add(makeKafkaRecord({ offset: 3 }), 702);
    expect(batcher.take(702, NOBODY)).toMatchObject([{ offset: 1 }, { offset: 2 }]);
    expect(batcher.take(702, NOBODY)).toEqual({ dueInMs: 500 });
  });

  it('forgets the records of a partition that is lost', () => {
    const batcher = new Batcher({ batchSize: 10, maxEventBytes: 6_000_000, windowMs: 0 }, source);
    batcher.add(makeKafkaRecord({ partition: 0 }), 0);
    batcher.add(makeKafkaRecord({ partition: 1 }), 0);
    batcher.dropPartition('orders-0');
    expect(batches(batcher, 0)).toMatchObject([[{ partition: 1 }]]);
    expect(batcher.waitingCount).toBe(0);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBatchResponse, recordsToRetry } from '../../../scripts/kafka/batch-response.ts';
import { topicPartitionOf, type KafkaRecord } from '../../../scripts/kafka/kafka-record.ts';
import { anyKafkaRecords, makeKafkaRecord } from '../../support/builders/make-kafka-record.ts';

const batch = [makeKafkaRecord({ offset: 4 }), makeKafkaRecord({ offset: 9 })];
/** A batch, and any of its records. */
const batchAndFailed = anyKafkaRecords.chain((records) =>
  fc.record({ records: fc.constant(records), failed: fc.subarray([...records]) }),
);

function responseNaming(failed: readonly KafkaRecord[]): object {
  return {
    batchItemFailures: failed.map((record) => ({
      itemIdentifier: { partition: topicPartitionOf(record), offset: record.offset },
    })),
  };
}

describe('readBatchResponse', () => {
  it('finds exactly the records that are named, in the order of the batch', () => {
    fc.assert(
      fc.property(batchAndFailed, ({ records, failed }) => {
        const verdict = readBatchResponse(responseNaming(failed.toReversed()), records);
        expect(verdict).toEqual(failed.length === 0 ? { kind: 'all-done' } : { kind: 'some-failed', failed });
      }),
    );
  });

  it.each([null, undefined, '', {}, { batchItemFailures: null }, { batchItemFailures: [] }, { other: 1 }])(
    'takes %j for success',
    (payload) => {
      expect(readBatchResponse(payload, batch)).toEqual({ kind: 'all-done' });
    },
  );

  it.each([
    { title: 'a flat identifier, as for SQS', payload: { batchItemFailures: [{ itemIdentifier: '9' }] } },
    {
      title: 'an unknown partition',
      payload: { batchItemFailures: [{ itemIdentifier: { partition: 'orders-1', offset: 9 } }] },
    },
    {
      title: 'an unknown offset',
      payload: { batchItemFailures: [{ itemIdentifier: { partition: 'orders-0', offset: 5 } }] },
    },
    {
      title: 'an offset as a text',
      payload: { batchItemFailures: [{ itemIdentifier: { partition: 'orders-0', offset: '9' } }] },
    },
    { title: 'no list', payload: { batchItemFailures: 'all' } },
    { title: 'a text', payload: 'ok' },
  ])('retries the whole batch after $title', ({ payload }) => {
    expect(readBatchResponse(payload, batch)).toMatchObject({ kind: 'all-failed' });
  });
});

describe('recordsToRetry', () => {
  it('names just the failed ones in mode items', () => {
    fc.assert(
      fc.property(batchAndFailed, ({ records, failed }) => {
        expect(recordsToRetry(records, failed, 'items')).toEqual(failed);
      }),
    );
  });

  it('adds all that stand behind a failed one in its partition in mode suffix, and nothing before it', () => {
    fc.assert(
      fc.property(batchAndFailed, ({ records, failed }) => {
        const retried = new Set(recordsToRetry(records, failed, 'suffix'));
        for (const record of records) {
          const isBehindOrFailed = failed.some(
            (other) => topicPartitionOf(other) === topicPartitionOf(record) && other.offset <= record.offset,
          );
          expect(retried.has(record)).toBe(isBehindOrFailed);
        }
      }),
    );
  });
});

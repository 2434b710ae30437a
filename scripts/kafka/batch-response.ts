/**
 * Reads the response of a function to a batch of records.
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 */
import * as z from 'zod';
import { topicPartitionOf, type KafkaRecord } from './kafka-record.ts';

export type BatchVerdict =
  | { readonly kind: 'all-done' }
  /** The whole batch has to be redelivered. */
  | { readonly kind: 'all-failed'; readonly reason: string }
  /** The failed records, in the order of the batch. */
  | { readonly kind: 'some-failed'; readonly failed: readonly KafkaRecord[] };

/**
 * AWS documents that it will "retry just those specific items", and middy that later records may already be committed;
 * other pages can be read as retrying from the lowest record on. A function has to be correct in both modes: `items`
 * and `suffix`.
 */
export type RetryMode = 'items' | 'suffix';

const BatchResponse = z.object({
  batchItemFailures: z
    .array(z.object({ itemIdentifier: z.object({ partition: z.string(), offset: z.number() }) }))
    .nullish(),
});

/** Interpret the parsed response of a function. An empty response means success, a malformed one failure. */
export function readBatchResponse(payload: unknown, batch: readonly KafkaRecord[]): BatchVerdict {
  if (payload === null || payload === undefined || payload === '') return { kind: 'all-done' };
  const response = BatchResponse.safeParse(payload);
  if (!response.success) {
    return {
      kind: 'all-failed',
      reason: `The batch response is malformed. ${z.prettifyError(response.error)}`,
    };
  }
  const failures = response.data.batchItemFailures ?? [];
  if (failures.length === 0) return { kind: 'all-done' };
  const known = new Map(batch.map((record) => [itemKey(topicPartitionOf(record), record.offset), record]));
  const named = new Set(
    failures.map(({ itemIdentifier: { partition, offset } }) => itemKey(partition, offset)),
  );
  const stranger = [...named].find((key) => !known.has(key));
  if (stranger !== undefined) {
    return { kind: 'all-failed', reason: `The batch response names ${stranger}, which is not in the batch.` };
  }
  return {
    kind: 'some-failed',
    failed: [...known].filter(([key]) => named.has(key)).map(([, record]) => record),
  };
}

/** Return the records of the batch that have to be redelivered, in its order; all others are finished. */
export function recordsToRetry(
  batch: readonly KafkaRecord[],
  failed: readonly KafkaRecord[],
  mode: RetryMode,
): readonly KafkaRecord[] {
  if (mode === 'items') return failed;
  const firstFailedOffset = new Map<string, number>();
  for (const record of failed) {
    const topicPartition = topicPartitionOf(record);
    const lowest = firstFailedOffset.get(topicPartition) ?? record.offset;
    firstFailedOffset.set(topicPartition, Math.min(lowest, record.offset));
  }
  return batch.filter((record) => {
    const from = firstFailedOffset.get(topicPartitionOf(record));
    return from !== undefined && record.offset >= from;
  });
}

function itemKey(topicPartition: string, offset: number): string {
  return `${topicPartition}@${String(offset)}`;
}

/**
 * What a function's answer says about the records that it was given.
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
 */
import * as z from 'zod';
import { topicPartitionOf, type KafkaRecord } from './kafka-record.ts';

export type BatchVerdict =
  | { readonly kind: 'all-done' }
  /** The whole batch has to come again. */
  | { readonly kind: 'all-failed'; readonly reason: string }
  /** In the order of the batch. */
  | { readonly kind: 'some-failed'; readonly failed: readonly KafkaRecord[] };

/**
 * AWS says that it will "retry just those specific items", and middy that what stands behind them may be
 * committed before; other pages can be read as retrying from the lowest on. A function has to be right under
 * both: `items` and `suffix`.
 */
export type RetryMode = 'items' | 'suffix';

const BatchResponse = z.object({
  batchItemFailures: z
    .array(z.object({ itemIdentifier: z.object({ partition: z.string(), offset: z.number() }) }))
    .nullish(),
});

/** `payload` is the function's answer, parsed. An empty one is success; one that cannot be understood is not. */
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

/** Those of the batch that have to come again, in its order; all others are done. */
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

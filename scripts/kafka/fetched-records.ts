/** Converts record batches, as they are in the log of a partition, into records. */
import type { RecordsBatch } from '@platformatic/kafka';
import type { KafkaRecord } from './kafka-record.ts';

/** Bits of the attributes of a batch: https://kafka.apache.org/documentation/#recordbatch */
const LOG_APPEND_TIME = 8;
const CONTROL = 32;

/**
 * A batch may begin before the requested position, because the broker does not split it. A control batch (the end of a
 * transaction) contains nothing for consumers.
 */
export function recordsFrom(
  batch: RecordsBatch,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  position: bigint,
): readonly KafkaRecord[] {
  if ((batch.attributes & CONTROL) !== 0) return [];
  const isAppendTime = (batch.attributes & LOG_APPEND_TIME) !== 0;
  return batch.records
    .filter(({ offsetDelta }) => batch.firstOffset + BigInt(offsetDelta) >= position)
    .map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
      topic,
      partition,
      offset: Number(batch.firstOffset) + offsetDelta,
      // With broker time the timestamp is that of the batch; the records still have that of their producer.
      timestampEpochMs: Number(isAppendTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta),
      timestampType: isAppendTime ? 'LOG_APPEND_TIME' : 'CREATE_TIME',
      key,
      value,
      headers: headers.map(([name, headerValue]) => ({
        name: name?.toString('utf8') ?? '',
        value: headerValue,
      })),
    }));
}

/** Offsets have gaps (control batches, compaction), so only the batch says where the next one begins. */
export function positionAfter(batch: RecordsBatch): bigint {
  return batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
}

/**
 * Builds the event with which Lambda invokes a function for Kafka records.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html#msk-sample-event
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html#smaa-sample-event
 */
import { topicPartitionOf, type KafkaRecord } from './kafka-record.ts';

export type LambdaKafkaEvent = LambdaKafkaSource & {
  /** Records by `<topic>-<partition>`. */
  readonly records: Readonly<Record<string, readonly LambdaKafkaRecord[]>>;
};

export type LambdaKafkaSource = { readonly bootstrapServers: string } & (
  | { readonly eventSource: 'aws:kafka'; readonly eventSourceArn: string }
  | { readonly eventSource: 'SelfManagedKafka' }
);

export interface LambdaKafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly timestampType: KafkaRecord['timestampType'];
  /** Base64; absent if the record has no key. */
  readonly key?: string;
  /** Base64; absent for a tombstone. */
  readonly value?: string;
  /** Each object has one name; bytes are from -128 to 127, as in Java. */
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[];
}

/** Expects the records of a partition in their order; partitions are in the order of their first records. */
export function toLambdaEvent(source: LambdaKafkaSource, records: readonly KafkaRecord[]): LambdaKafkaEvent {
  const byPartition = Map.groupBy(records, topicPartitionOf);
  return {
    ...source,
    records: Object.fromEntries(
      [...byPartition].map(([topicPartition, ofPartition]) => [
        topicPartition,
        ofPartition.map(toLambdaRecord),
      ]),
    ),
  };
}

/** AWS does not document how Lambda passes a header with the value null; here it has no bytes. */
function toLambdaRecord(record: KafkaRecord): LambdaKafkaRecord {
  const { topic, partition, offset, timestampEpochMs, timestampType, key, value, headers } = record;
  return {
    topic,
    partition,
    offset,
    timestamp: timestampEpochMs,
    timestampType,
    ...(key !== null && { key: key.toString('base64') }),
    ...(value !== null && { value: value.toString('base64') }),
    headers: headers.map((header) => ({ [header.name]: [...new Int8Array(header.value ?? [])] })),
  };
}

/** The size of the JSON text of an event without records. */
export function emptyEventBytes(source: LambdaKafkaSource): number {
  return jsonBytes(toLambdaEvent(source, []));
}

/** The size that a record adds to its partition, including a comma that the first one does not need. */
export function recordBytes(record: KafkaRecord): number {
  return jsonBytes(toLambdaRecord(record)) + ','.length;
}

/** The size that a partition adds to an event before its first record. */
export function partitionBytes(topicPartition: string): number {
  return jsonBytes(topicPartition) + ':[],'.length;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/**
 * The event with which Lambda invokes a function for Kafka records.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html#msk-sample-event
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html#smaa-sample-event
 */
import { topicPartitionOf, type KafkaRecord } from './kafka-record.ts';

export type LambdaKafkaEvent = LambdaKafkaSource & {
  /** By `<topic>-<partition>`. */
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
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly timestampType: KafkaRecord['timestampType'];
  /** Base64; absent when the record has no key. */
  readonly key?: string;
  /** Base64; absent in a tombstone. */
  readonly value?: string;
  /** Each with one name; a byte is from -128 to 127, as in Java. */
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[];
}

/** The records of a partition have to be in their order; the order of the partitions is that of their first records. */
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

/** What Lambda makes of a header whose value is null is not documented: no bytes, here. */
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

/** Bytes of the JSON text of an event without records. */
export function emptyEventBytes(source: LambdaKafkaSource): number {
  return jsonBytes(toLambdaEvent(source, []));
}

/** What a record adds to its partition, with a comma that the first one does not need. */
export function recordBytes(record: KafkaRecord): number {
  return jsonBytes(toLambdaRecord(record)) + ','.length;
}

/** What a partition adds to an event before its first record. */
export function partitionBytes(topicPartition: string): number {
  return jsonBytes(topicPartition) + ':[],'.length;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/**
 * Converts Kafka records as Lambda delivers them into received records.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html#msk-sample-event
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html#smaa-sample-event
 */
import { isObject } from '../../lib/json/untrusted-json.ts';
import type { CompiledKafkaSource } from '../../lib/compiled-config/compiled.ts';
import { readText } from '../../lib/event/content.ts';
import type { Origin } from '../../lib/event/event.ts';
import type { Header } from '../../lib/event/header.ts';
import type { ReceivedRecord } from '../../lib/event/record.ts';
import { clusterNameOf, sortedServers } from '../../lib/sources/kafka-cluster.ts';
import { parseKafkaRecord, type KafkaRecord, type Position } from './kafka-record.ts';

/** A record with the name by which Lambda identifies it. */
export interface DeliveredRecord {
  readonly record: ReceivedRecord;
  /** The key in the event's `records`, as it is: `<topic>-<partition>`. */
  readonly partition: string;
  /** Null if the record has none; a response cannot name it then. */
  readonly offset: number | null;
}

/** The function was not invoked by an event source mapping of Kafka. */
export class NotAKafkaEventError extends Error {
  override readonly name = 'NotAKafkaEventError';
}

/** AWS's documentation and libraries spell the second one differently. */
const EVENT_SOURCES: ReadonlySet<unknown> = new Set([
  'aws:kafka',
  'SelfManagedKafka',
  'aws:SelfManagedKafka',
]);

/** Producers use either name. */
const CONTENT_TYPE_HEADERS = ['content-type', 'contenttype'];

/**
 * Return the records in the order of the event, which is the order of offsets within a partition. A record without the
 * documented shape is returned with its `defect`, so that it is dead-lettered and its neighbors are not.
 * @throws NotAKafkaEventError
 */
export function toDeliveredRecords(event: unknown, source: CompiledKafkaSource): readonly DeliveredRecord[] {
  if (!isObject(event)) throw new NotAKafkaEventError('the event is not an object');
  const { eventSource, records } = event;
  if (!EVENT_SOURCES.has(eventSource)) {
    throw new NotAKafkaEventError(
      "the event's eventSource is not that of Kafka (aws:kafka or SelfManagedKafka): " +
        'invoke this function from an event source mapping of a Kafka cluster only',
    );
  }
  if (!isObject(records)) throw new NotAKafkaEventError("the event's records are missing or not an object");
  const cluster = clusterOf(event, source);
  const isStrict = source.order === 'strict';
  return Object.entries(records).flatMap(([partition, ofPartition]) => {
    const list: readonly unknown[] = Array.isArray(ofPartition) ? ofPartition : [ofPartition];
    const delivered = list.map((raw, index) => toDeliveredRecord(raw, partition, index, cluster));
    if (!isStrict) return delivered;
    return delivered.map((each) => ({ ...each, record: { ...each.record, orderGroup: partition } }));
  });
}

function toDeliveredRecord(raw: unknown, partition: string, index: number, cluster: string): DeliveredRecord {
  const reading = parseKafkaRecord(raw, partition);
  if (reading.kind === 'record') {
    const { record } = reading;
    return { record: toReceivedRecord(record, partition, cluster), partition, offset: record.offset };
  }
  const { position, problems } = reading;
  const { offset } = position;
  const detail = `This is not a record as AWS Lambda documents it: ${problems.join('; ')}. Report it to AWS.`;
  const record: ReceivedRecord = {
    recordId: `${partition}@${offset === null ? `?${index}` : String(offset)}`,
    origin: { kind: 'kafka', cluster, ...located(position), timestampEpochMs: -1, tombstone: false },
    body: JSON.stringify(raw ?? null),
    headers: new Map(),
    deliveryCount: 1,
    defect: { code: 'malformed-record', detail },
  };
  return { record, partition, offset };
}

function toReceivedRecord(record: KafkaRecord, partition: string, cluster: string): ReceivedRecord {
  const { key, value, headers, timestampEpochMs, timestampType } = record;
  const texts = headerTexts(headers);
  const contentType = CONTENT_TYPE_HEADERS.map((name) => texts.get(name)).find((text) => text !== undefined);
  return {
    recordId: `${partition}@${String(record.offset)}`,
    origin: {
      kind: 'kafka',
      cluster,
      ...located(record),
      timestampEpochMs,
      ...(timestampType !== null && { timestampType }),
      ...(key !== null && keyFacts(key)),
      tombstone: value === null,
    },
    body: value ?? new Uint8Array(),
    ...(contentType !== undefined && { contentType }),
    headers: texts,
    ...(key !== null && { key }),
    headerList: headers,
    // Lambda does not count deliveries of Kafka records; the claim shows whether a record was delivered before.
    deliveryCount: 1,
  };
}

function located({
  topic,
  partition,
  offset,
}: Position): Pick<Extract<Origin, { kind: 'kafka' }>, keyof Position> {
  return { topic: topic ?? '', partition: partition ?? -1, offset: offset ?? -1 };
}

/** Keys that begin with a schema id contain a NUL, which parameters cannot. */
function keyFacts(key: Buffer): { readonly key: string } | { readonly keyBase64: string } {
  const text = readText(key);
  return typeof text === 'string' && !text.includes('\0')
    ? { key: text }
    : { keyBase64: key.toString('base64') };
}

/** Names are in lower case; the last of several headers counts, and values that are not text are in the list only. */
function headerTexts(headers: readonly Header[]): ReadonlyMap<string, string> {
  return new Map(
    headers.flatMap(({ name, value }) => {
      const text = readText(value);
      return typeof text === 'string' ? [[name.toLowerCase(), text] as const] : [];
    }),
  );
}

/** The cluster is part of each event's identity, so it must not depend on the order of its brokers. */
function clusterOf(
  { eventSourceArn, bootstrapServers }: Readonly<Record<string, unknown>>,
  { cluster }: CompiledKafkaSource,
): string {
  if (typeof eventSourceArn === 'string' && eventSourceArn !== '') return eventSourceArn;
  if (typeof bootstrapServers === 'string' && bootstrapServers !== '') {
    return sortedServers(bootstrapServers.split(','));
  }
  return clusterNameOf(cluster);
}

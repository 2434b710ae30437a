/** Parses one record of an event as Lambda documents it, or names everything that is wrong with it. */
import type { Header } from '../../lib/event/header.ts';

/** A field is null if the record lacks it, or if its value is not valid. */
export interface Position {
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
}

export interface KafkaRecord extends Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** -1 when the record has none. */
  readonly timestampEpochMs: number;
  readonly timestampType: string | null;
  readonly key: Buffer | null;
  /** Null in a tombstone, where the event has no `value` at all. */
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
}

export type KafkaRecordParseResult =
  | { readonly kind: 'record'; readonly record: KafkaRecord }
  | { readonly kind: 'malformed'; readonly position: Position; readonly problems: readonly string[] };

/** Kafka's own rule for topics (org.apache.kafka.common.internals.Topic). */
const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;
const MAX_PARTITION = 2 ** 31 - 1;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * `topicPartition` is the key of the record in the event, and is used where the record itself has no topic or partition.
 * A topic may contain hyphens: the last one separates the two.
 */
export function parseKafkaRecord(raw: unknown, topicPartition: string): KafkaRecordParseResult {
  const record = new Map<string, unknown>(typeof raw === 'object' && raw !== null ? Object.entries(raw) : []);
  const position = readPosition(record, topicPartition);
  const { topic, partition, offset } = position;
  const timestampEpochMs = record.get('timestamp') ?? -1;
  const [key, value] = [readBytes(record.get('key')), readBytes(record.get('value'))];
  const headers = readHeaders(record.get('headers'));
  const timestampType = record.get('timestampType');

  const problems = [
    topic === null && 'its topic is missing or not a valid topic name',
    partition === null && 'its partition is missing, or not a whole number of 0 or more',
    offset === null && 'its offset is missing, or not a whole number of 0 or more',
    !Number.isSafeInteger(timestampEpochMs) && 'its timestamp is not a whole number',
    key === undefined && 'its key is not base64',
    value === undefined && 'its value is not base64',
    headers === undefined && 'its headers are not a list of names with their bytes',
  ].filter((problem) => problem !== false);
  if (topic === null || partition === null || offset === null || typeof timestampEpochMs !== 'number') {
    return { kind: 'malformed', position, problems };
  }
  if (key === undefined || value === undefined || headers === undefined || problems.length > 0) {
    return { kind: 'malformed', position, problems };
  }
  return {
    kind: 'record',
    record: {
      topic,
      partition,
      offset,
      timestampEpochMs,
      timestampType: typeof timestampType === 'string' ? timestampType : null,
      // AWS's samples show a record without a key in both ways.
      key: key?.length === 0 ? null : key,
      value,
      headers,
    },
  };
}

function readPosition(record: ReadonlyMap<string, unknown>, topicPartition: string): Position {
  const hyphen = topicPartition.lastIndexOf('-');
  const topic = record.get('topic') ?? topicPartition.slice(0, hyphen);
  const partition = record.get('partition') ?? partitionIn(topicPartition.slice(hyphen + 1));
  const offset = record.get('offset');
  return {
    topic: typeof topic === 'string' && TOPIC.test(topic) ? topic : null,
    partition: isCount(partition) && partition <= MAX_PARTITION ? partition : null,
    offset: isCount(offset) ? offset : null,
  };
}

function partitionIn(digits: string): number | null {
  return /^\d+$/.test(digits) ? Number(digits) : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Return null for a missing value, and undefined for invalid base64, which `Buffer.from` would silently truncate. */
function readBytes(value: unknown): Buffer | null | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length % 4 !== 0 || !BASE64.test(value)) return undefined;
  return Buffer.from(value, 'base64');
}

function readHeaders(list: unknown): readonly Header[] | undefined {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) return undefined;
  const headers: Header[] = [];
  for (const entry of list as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined;
    for (const [name, bytes] of Object.entries(entry) as readonly (readonly [string, unknown])[]) {
      const value = readHeaderValue(bytes);
      if (value === undefined) return undefined;
      headers.push({ name, value });
    }
  }
  return headers;
}

/** Bytes are from -128 to 127, as in Java. What Lambda makes of a header whose value is null is not documented. */
function readHeaderValue(bytes: unknown): Uint8Array | undefined {
  if (bytes === null) return new Uint8Array();
  if (!Array.isArray(bytes)) return undefined;
  const numbers: readonly unknown[] = bytes;
  const isByte = (byte: unknown): byte is number =>
    Number.isInteger(byte) && Number(byte) >= -128 && Number(byte) <= 255;
  return numbers.every(isByte) ? Uint8Array.from(numbers) : undefined;
}

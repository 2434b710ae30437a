/** A dead letter read back: the record that it holds, as the pipeline was given it at first. */
import type { Origin } from '../event/event.ts';
import type { ReceivedRecord, RecordHeader } from '../event/record.ts';
import {
  isObject,
  isString,
  readBase64,
  textOrNull,
  wholeNumber,
  type JsonObject,
} from '../json/untrusted-json.ts';

export type LetterReading =
  | { readonly kind: 'record'; readonly record: ReceivedRecord }
  /** What is wrong, where, and the mend. */
  | { readonly kind: 'rejected'; readonly detail: string };

/**
 * Total. `letter` is the JSON of one whole letter (see `lib/dead-letters/dead-letter.ts`). The record has the origin of old, so that
 * its events are the events that they were, whatever the configuration makes of them now.
 */
export function readLetterRecord(letter: unknown): LetterReading {
  if (!isObject(letter) || letter['sluiceDeadLetter'] !== 1)
    return rejected('it is no dead letter of version 1');
  const { record, code } = letter;
  const origin = readOrigin(letter['origin']);
  if (origin === null) return rejected('its origin is missing, or none that Sluice writes');
  if (!isObject(record)) return rejected('its record is missing');
  const body = readBody(record);
  const headers = readHeaders(record['headers']);
  const extras = readExtras(record);
  if (!isString(record['id'])) return rejected('its record.id is no text');
  if (body === null) return rejected('its record.body does not fit its record.encoding (text or base64)');
  if (headers === null) return rejected('its record.headers are no texts by name');
  if (extras === null) return rejected('its record.key, record.headerList or record.identity is malformed');
  const [eventId, route, batchId] = [letter['eventId'], letter['route'], letter['batchId']].map(textOrNull);
  if (eventId === undefined || route === undefined || batchId === undefined) {
    return rejected('its eventId, route or batchId is neither a text nor null');
  }
  const contentType = record['contentType'];
  return {
    kind: 'record',
    record: {
      recordId: record['id'],
      origin,
      body,
      ...(isString(contentType) && { contentType }),
      headers,
      ...extras,
      // Delivered before, which spares claims that are there already.
      deliveryCount: (wholeNumber(letter['deliveryCount']) ?? 1) + 1,
      ...(code === 'malformed-record' && { defect: { code, detail: textOrNull(letter['detail']) ?? '' } }),
      redriven: { eventId, route, batchId },
    },
  };
}

function rejected(problem: string): LetterReading {
  const detail = `This letter cannot be redriven: ${problem}. Read it in the queue, and send its event again yourself.`;
  return { kind: 'rejected', detail };
}

function readBody({ encoding, body }: JsonObject): Uint8Array | string | null {
  if (!isString(body)) return null;
  if (encoding === 'text') return body;
  return encoding === 'base64' ? readBase64(body) : null;
}

function readHeaders(value: unknown): ReadonlyMap<string, string> | null {
  if (!isObject(value)) return null;
  const entries = Object.entries(value).filter((entry): entry is [string, string] => isString(entry[1]));
  return entries.length === Object.keys(value).length ? new Map(entries) : null;
}

/** What only some records have. */
function readExtras({
  key,
  headerList,
  identity,
}: JsonObject): Pick<ReceivedRecord, 'key' | 'headerList' | 'identity'> | null {
  const keyBytes = key === undefined ? undefined : isString(key) ? readBase64(key) : null;
  const list = headerList === undefined ? undefined : readHeaderList(headerList);
  const parts = identity === undefined ? undefined : readTexts(identity);
  if (keyBytes === null || list === null || parts === null) return null;
  return {
    ...(keyBytes !== undefined && { key: keyBytes }),
    ...(list !== undefined && { headerList: list }),
    ...(parts !== undefined && { identity: parts }),
  };
}

function readHeaderList(value: unknown): readonly RecordHeader[] | null {
  if (!Array.isArray(value)) return null;
  const headers: RecordHeader[] = [];
  for (const entry of value as readonly unknown[]) {
    const bytes = isObject(entry) && isString(entry['value']) ? readBase64(entry['value']) : null;
    if (!isObject(entry) || !isString(entry['name']) || bytes === null) return null;
    headers.push({ name: entry['name'], value: bytes });
  }
  return headers;
}

function readTexts(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const texts = (value as readonly unknown[]).filter(isString);
  return texts.length === value.length && texts.length > 0 ? texts : null;
}

function readOrigin(value: unknown): Origin | null {
  if (!isObject(value)) return null;
  switch (value['kind']) {
    case 'http':
      return readHttpOrigin(value);
    case 'sqs':
      return readSqsOrigin(value);
    case 'kafka':
      return readKafkaOrigin(value);
    default:
      return null;
  }
}

function readHttpOrigin({ requestId, ...rest }: JsonObject): Origin | null {
  const index = wholeNumber(rest['index']);
  const receivedAtEpochMs = wholeNumber(rest['receivedAtEpochMs']);
  if (!isString(requestId) || index === null || receivedAtEpochMs === null) return null;
  return { kind: 'http', requestId, index, receivedAtEpochMs };
}

function readSqsOrigin({ messageId, queueArn, ...rest }: JsonObject): Origin | null {
  const sentAtEpochMs = wholeNumber(rest['sentAtEpochMs']);
  if (!isString(messageId) || !isString(queueArn) || sentAtEpochMs === null) return null;
  return { kind: 'sqs', messageId, queueArn, sentAtEpochMs };
}

function readKafkaOrigin({ cluster, topic, tombstone, ...rest }: JsonObject): Origin | null {
  const [partition, offset, timestampEpochMs] = [
    rest['partition'],
    rest['offset'],
    rest['timestampEpochMs'],
  ].map(wholeNumber);
  if (!isString(cluster) || !isString(topic) || typeof tombstone !== 'boolean') return null;
  if (partition == null || offset == null || timestampEpochMs == null) return null;
  const optional = ['timestampType', 'key', 'keyBase64', 'schemaId', 'schemaSubject'] as const;
  const texts = optional.flatMap((name) => (isString(rest[name]) ? [[name, rest[name]] as const] : []));
  const located = { kind: 'kafka', cluster, topic, partition, offset, timestampEpochMs, tombstone } as const;
  return { ...located, ...Object.fromEntries(texts) };
}

/** Parses a dead letter back into the record that the pipeline received. */
import type { Origin } from '../event/event.ts';
import { parseHeaderList } from '../event/header.ts';
import type { ReceivedRecord } from '../event/record.ts';
import {
  isObject,
  isString,
  readBase64,
  textOrNull,
  wholeNumber,
  type JsonObject,
} from '../json/untrusted-json.ts';

export type ParsedDeadLetter =
  | { readonly kind: 'record'; readonly record: ReceivedRecord }
  /** `detail` names the problem, the field, and what to do. */
  | { readonly kind: 'rejected'; readonly detail: string };

/**
 * Total. `deadLetter` is the JSON of one whole dead letter (see `dead-letter.ts`). The record keeps its origin, so that
 * its events keep their identity, whatever the configuration makes of them now.
 */
export function parseDeadLetter(deadLetter: unknown): ParsedDeadLetter {
  if (!isObject(deadLetter) || deadLetter['sluiceDeadLetter'] !== 1)
    return rejected('it is not a dead letter of version 1');
  const { record, code } = deadLetter;
  const origin = parseOrigin(deadLetter['origin']);
  if (origin === null) return rejected('its origin is missing or not valid');
  if (!isObject(record)) return rejected('its record is missing');
  const body = parseBody(record);
  const headers = parseHeaders(record['headers']);
  const extras = parseOptionalFields(record);
  if (!isString(record['id'])) return rejected('its record.id is not a string');
  if (body === null) return rejected('its record.body does not match its record.encoding (text or base64)');
  if (headers === null) return rejected('its record.headers is not an object of strings');
  if (extras === null) return rejected('its record.key, record.headerList or record.identity is not valid');
  const [eventId, route, batchId] = [deadLetter['eventId'], deadLetter['route'], deadLetter['batchId']].map(
    textOrNull,
  );
  if (eventId === undefined || route === undefined || batchId === undefined) {
    return rejected('its eventId, route or batchId is neither a string nor null');
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
      // It was delivered before, so its claims are read before they are written.
      deliveryCount: (wholeNumber(deadLetter['deliveryCount']) ?? 1) + 1,
      ...(code === 'malformed-record' && {
        defect: { code, detail: textOrNull(deadLetter['detail']) ?? '' },
      }),
      redriven: { eventId, route, batchId },
    },
  };
}

function rejected(problem: string): ParsedDeadLetter {
  const detail = `This dead letter cannot be redriven: ${problem}. Read it in the queue, and send its event again yourself.`;
  return { kind: 'rejected', detail };
}

function parseBody({ encoding, body }: JsonObject): Uint8Array | string | null {
  if (!isString(body)) return null;
  if (encoding === 'text') return body;
  return encoding === 'base64' ? readBase64(body) : null;
}

function parseHeaders(value: unknown): ReadonlyMap<string, string> | null {
  if (!isObject(value)) return null;
  const entries = Object.entries(value).filter((entry): entry is [string, string] => isString(entry[1]));
  return entries.length === Object.keys(value).length ? new Map(entries) : null;
}

/** Parse the fields that only some records have. */
function parseOptionalFields({
  key,
  headerList,
  identity,
}: JsonObject): Pick<ReceivedRecord, 'key' | 'headerList' | 'identity'> | null {
  const keyBytes = key === undefined ? undefined : isString(key) ? readBase64(key) : null;
  const list = headerList === undefined ? undefined : parseHeaderList(headerList);
  const parts = identity === undefined ? undefined : parseNonEmptyTexts(identity);
  if (keyBytes === null || list === null || parts === null) return null;
  return {
    ...(keyBytes !== undefined && { key: keyBytes }),
    ...(list !== undefined && { headerList: list }),
    ...(parts !== undefined && { identity: parts }),
  };
}

function parseNonEmptyTexts(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const texts = (value as readonly unknown[]).filter(isString);
  return texts.length === value.length && texts.length > 0 ? texts : null;
}

function parseOrigin(value: unknown): Origin | null {
  if (!isObject(value)) return null;
  switch (value['kind']) {
    case 'http':
      return parseHttpOrigin(value);
    case 'sqs':
      return parseSqsOrigin(value);
    case 'kafka':
      return parseKafkaOrigin(value);
    default:
      return null;
  }
}

function parseHttpOrigin({ requestId, ...rest }: JsonObject): Origin | null {
  const index = wholeNumber(rest['index']);
  const receivedAtEpochMs = wholeNumber(rest['receivedAtEpochMs']);
  if (!isString(requestId) || index === null || receivedAtEpochMs === null) return null;
  return { kind: 'http', requestId, index, receivedAtEpochMs };
}

function parseSqsOrigin({ messageId, queueArn, ...rest }: JsonObject): Origin | null {
  const sentAtEpochMs = wholeNumber(rest['sentAtEpochMs']);
  if (!isString(messageId) || !isString(queueArn) || sentAtEpochMs === null) return null;
  return { kind: 'sqs', messageId, queueArn, sentAtEpochMs };
}

function parseKafkaOrigin({ cluster, topic, tombstone, ...rest }: JsonObject): Origin | null {
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

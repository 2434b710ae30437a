/** The message that carries one accepted event from the endpoint to the pipeline, through the source's queue. */
import type { CompiledSource } from '../compiled-config/compiled.ts';
import { isString, parseJson } from '../json/untrusted-json.ts';
import type { QueueMessage } from '../ports.ts';
import { eventToCloudEventJson } from './event-json.ts';
import type { Event, Origin } from './event.ts';
import { parseHeaderList, toHeaderJson, type Header } from './header.ts';
import type { ReceivedRecord } from './record.ts';

/**
 * SQS: body and attributes (names, types and values) of one message, and all of one SendMessageBatch.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export const MAX_QUEUE_MESSAGE_BYTES = 1_048_576;

const CONTENT_TYPE = 'content-type';
const SOURCE = 'sluice-source';
const REQUEST_ID = 'sluice-request-id';
const INDEX = 'sluice-index';
const RECEIVED_AT = 'sluice-received-at';
/** JSON of the headers that the event has. */
const HEADERS = 'sluice-headers';
/** JSON of the parts of an identity that does not follow from the attributes of the event. */
const IDENTITY = 'sluice-identity';

const ATTRIBUTE_TYPE = 'String';

/** The body is the event as structured CloudEvents JSON, the attributes say how it was received. */
export function toQueueMessage(
  event: Event & { readonly origin: Extract<Origin, { kind: 'http' }> },
  source: CompiledSource,
): QueueMessage {
  const { requestId, index, receivedAtEpochMs } = event.origin;
  return {
    body: withoutNoncharacters(eventToCloudEventJson(event)),
    attributes: {
      [CONTENT_TYPE]: 'application/cloudevents+json; charset=UTF-8',
      [SOURCE]: source.name,
      [REQUEST_ID]: requestId,
      [INDEX]: String(index),
      [RECEIVED_AT]: new Date(receivedAtEpochMs).toISOString(),
      ...(event.headers !== undefined && { [HEADERS]: asciiJson(event.headers.map(toHeaderJson)) }),
      ...(!followsFromAttributes(event) && { [IDENTITY]: asciiJson(event.identity) }),
    },
  };
}

function followsFromAttributes({ identity, source, id }: Event): boolean {
  return (
    identity.length === 3 && identity[0] === 'cloudevents' && identity[1] === source && identity[2] === id
  );
}

/** Values of attributes have the characters of XML 1.0 only; JSON escapes every other one. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What the attributes of a message say of the event in its body. */
export interface QueuedFacts {
  readonly origin: Extract<Origin, { kind: 'http' }>;
  readonly headerList?: readonly Header[];
  readonly identity?: readonly string[];
}

/** Undefined when Sluice did not write the attributes. */
export function queuedFacts(attributes: ReadonlyMap<string, string>): QueuedFacts | undefined {
  const origin = originFromAttributes(attributes);
  if (origin === undefined) return undefined;
  const [headersJson, identityJson] = [attributes.get(HEADERS), attributes.get(IDENTITY)];
  const headerList = headersJson === undefined ? null : parseHeaderList(parseJson(headersJson));
  const identity = identityJson === undefined ? null : textsOf(parseJson(identityJson));
  return { origin, ...(headerList !== null && { headerList }), ...(identity !== null && { identity }) };
}

function textsOf(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.length > 0 && value.every(isString) ? value : null;
}

/** Where the event was received, from the message's attributes; undefined when Sluice did not write them. */
export function originFromAttributes(
  attributes: ReadonlyMap<string, string>,
): Extract<Origin, { kind: 'http' }> | undefined {
  const requestId = attributes.get(REQUEST_ID);
  const index = attributes.get(INDEX);
  const receivedAtEpochMs = Date.parse(attributes.get(RECEIVED_AT) ?? '');
  if (requestId === undefined || index === undefined || !/^\d{1,9}$/.test(index)) return undefined;
  if (Number.isNaN(receivedAtEpochMs)) return undefined;
  return { kind: 'http', requestId, index: Number(index), receivedAtEpochMs };
}

/** The message as the pipeline will receive it, for who asks beforehand what the pipeline will make of it. */
export function recordOfQueueMessage({ body, attributes }: QueueMessage): ReceivedRecord {
  const headers = new Map(Object.entries(attributes));
  const facts = queuedFacts(headers);
  if (facts === undefined)
    throw new TypeError('The message has not the attributes that toQueueMessage writes.');
  return { recordId: facts.origin.requestId, ...facts, body, headers, deliveryCount: 1 };
}

/** A request's body is bytes. Text with the origin of a request has been through Sluice's own queue. */
export function wasQueuedBySluice(
  record: ReceivedRecord,
): record is ReceivedRecord & { readonly body: string } {
  return record.origin.kind === 'http' && typeof record.body === 'string';
}

/** As SQS counts it. */
export function queueMessageBytes({ body, attributes }: QueueMessage): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, value] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + ATTRIBUTE_TYPE.length + Buffer.byteLength(value);
  }
  return bytes;
}

/**
 * SQS refuses U+FFFE and U+FFFF in a body (SendMessage, "MessageBody"), which JSON allows in its strings: there
 * their escapes mean the same.
 */
function withoutNoncharacters(json: string): string {
  return json.replaceAll('\uFFFE', '\\ufffe').replaceAll('\uFFFF', '\\uffff');
}

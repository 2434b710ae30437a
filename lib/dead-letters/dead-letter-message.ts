/** A message of a dead-letter queue: a dead letter, a part of one, or a record that AWS itself moved there. */
import { toHeaderJson, type Header } from '../event/header.ts';
import { queuedFacts } from '../event/queue-message.ts';
import { isObject, isString, parseJson, textOrNull, type JsonObject } from '../json/untrusted-json.ts';

export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** The same as they are: names in their own case, Binary attributes as bytes. */
  readonly headerList?: readonly Header[];
  /** When the message was sent to SQS. */
  readonly sentAtEpochMs: number;
  /** The queue from which SQS moved it, or to which EventBridge could not deliver it. Null if it was sent here. */
  readonly meantForQueueArn: string | null;
}

/** The fields by which a redrive selects and counts dead letters. */
export interface DeadLetterSummary {
  readonly source: string;
  readonly route: string | null;
  readonly code: string;
  readonly eventId: string | null;
  readonly deadLetteredAtEpochMs: number;
  /** Equal for all dead letters of one event on one route. */
  readonly identity: string;
}

export type DeadLetterMessage =
  | { readonly kind: 'whole'; readonly summary: DeadLetterSummary; readonly deadLetterJson: string }
  | { readonly kind: 'part'; readonly summary: DeadLetterSummary; readonly part: DeadLetterPart }
  /** A message that Sluice did not write and AWS did not move. */
  | { readonly kind: 'unrecognized' };

export interface DeadLetterPart {
  /** Equal for all parts of one dead letter. */
  readonly deadLetterId: string;
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
  readonly envelope: JsonObject;
  readonly recordPart: string;
}

/** The code of a message that was received `queue.maxReceiveCount` times, usually while Prefect was unavailable. */
const MAX_RECEIVES_EXCEEDED = 'max-receives-exceeded';
/** The code of an event that EventBridge could not deliver to the queue of its source. */
const NOT_DELIVERED = 'not-delivered';

/** Total. `sourceName` is the source that owns the dead-letter queue; null for the queue that windows share. */
export function parseDeadLetterMessage(message: QueuedMessage, sourceName: string | null): DeadLetterMessage {
  const deadLetter = parseJson(message.body);
  if (isObject(deadLetter) && deadLetter['sluiceDeadLetter'] === 1)
    return parseSluiceMessage(deadLetter, message.body);
  return toDeadLetterOfMovedMessage(message, sourceName) ?? { kind: 'unrecognized' };
}

function parseSluiceMessage(deadLetter: JsonObject, deadLetterJson: string): DeadLetterMessage {
  const summary = summarize(deadLetter);
  if (summary === null) return { kind: 'unrecognized' };
  if (deadLetter['part'] === undefined) return { kind: 'whole', summary, deadLetterJson };
  const { part, recordPart, ...envelope } = deadLetter;
  const number = isObject(part) ? part['number'] : undefined;
  const of = isObject(part) ? part['of'] : undefined;
  if (!isString(recordPart) || !isCount(number) || !isCount(of) || number > of)
    return { kind: 'unrecognized' };
  const letterId = JSON.stringify([envelope, of]);
  return { kind: 'part', summary, part: { deadLetterId: letterId, number, of, envelope, recordPart } };
}

function summarize(deadLetter: JsonObject): DeadLetterSummary | null {
  const { source, code, time, origin } = deadLetter;
  const route = textOrNull(deadLetter['route']);
  const eventId = textOrNull(deadLetter['eventId']);
  const deadLetteredAtEpochMs = isString(time) ? Date.parse(time) : Number.NaN;
  if (!isString(source) || !isString(code) || route === undefined || eventId === undefined) return null;
  if (Number.isNaN(deadLetteredAtEpochMs)) return null;
  const subject = JSON.stringify([source, route, eventId, origin]);
  return { source, route, code, eventId, deadLetteredAtEpochMs, identity: subject };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

/** A message that AWS moved is a record of the source as it was. Make a dead letter of it, so that there is one way back. */
function toDeadLetterOfMovedMessage(
  { messageId, body, attributes, headerList, sentAtEpochMs, meantForQueueArn }: QueuedMessage,
  sourceName: string | null,
): DeadLetterMessage | null {
  const requested = queuedFacts(attributes);
  if (sourceName === null || (requested === undefined && meantForQueueArn === null)) return null;
  // What EventBridge could not deliver has attributes that say why, and none of its sender.
  const isUndelivered = attributes.has('error_code');
  const ownHeaders = isUndelivered ? undefined : headerList;
  const headers = requested === undefined ? ownHeaders : requested.headerList;
  const deadLetter = {
    sluiceDeadLetter: 1,
    source: sourceName,
    route: null,
    code: isUndelivered ? NOT_DELIVERED : MAX_RECEIVES_EXCEEDED,
    eventId: null,
    batchId: null,
    time: new Date(sentAtEpochMs).toISOString(),
    origin: requested?.origin ?? { kind: 'sqs', messageId, queueArn: meantForQueueArn, sentAtEpochMs },
    record: {
      id: messageId,
      contentType: attributes.get('content-type') ?? null,
      headers: Object.fromEntries(attributes),
      ...(headers !== undefined && { headerList: headers.map(toHeaderJson) }),
      ...(requested?.identity !== undefined && { identity: requested.identity }),
      encoding: 'text',
      body,
    },
  };
  const summary = summarize(deadLetter);
  return summary && { kind: 'whole', summary, deadLetterJson: JSON.stringify(deadLetter) };
}

/** A message of a dead-letter queue: a letter, a part of one, or a record that AWS itself moved there. */
import { originFromAttributes } from '../event/queue-message.ts';
import { isObject, isString, parseJson, textOrNull, type JsonObject } from '../json/untrusted-json.ts';

export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** When SQS was given it. */
  readonly sentAtEpochMs: number;
  /** The queue from which SQS moved it here, or for which EventBridge meant it; null: it was sent here. */
  readonly meantForQueueArn: string | null;
}

/** What a redrive chooses and counts letters by. */
export interface LetterFacts {
  readonly source: string;
  readonly route: string | null;
  readonly code: string;
  readonly eventId: string | null;
  readonly deadLetteredAtEpochMs: number;
  /** The same for every letter about this event on this route. */
  readonly subject: string;
}

export type LetterMessage =
  /** `letterJson` is the JSON of a whole letter. */
  | { readonly kind: 'letter'; readonly facts: LetterFacts; readonly letterJson: string }
  | { readonly kind: 'part'; readonly facts: LetterFacts; readonly part: LetterPart }
  /** Nobody's letter: what else could have been written there. */
  | { readonly kind: 'foreign' };

export interface LetterPart {
  /** The same for all parts of one letter. */
  readonly letterId: string;
  /** From 1 on. */
  readonly number: number;
  readonly of: number;
  readonly envelope: JsonObject;
  readonly recordPart: string;
}

/** Code of an event that was delivered as often as its queue allows, while Prefect could not be reached. */
const RECEIVED_TOO_OFTEN = 'received-too-often';
/** Code of an event that EventBridge could not put into the queue of its source. */
const NOT_DELIVERED = 'not-delivered';

/** Total. `sourceName` is the source whose dead-letter queue it is; null: that of no source. */
export function readLetterMessage(message: QueuedMessage, sourceName: string | null): LetterMessage {
  const letter = parseJson(message.body);
  if (isObject(letter) && letter['sluiceDeadLetter'] === 1) return readLetter(letter, message.body);
  return letterOfQueuedRecord(message, sourceName) ?? { kind: 'foreign' };
}

function readLetter(letter: JsonObject, letterJson: string): LetterMessage {
  const facts = factsOf(letter);
  if (facts === null) return { kind: 'foreign' };
  if (letter['part'] === undefined) return { kind: 'letter', facts, letterJson };
  const { part, recordPart, ...envelope } = letter;
  const number = isObject(part) ? part['number'] : undefined;
  const of = isObject(part) ? part['of'] : undefined;
  if (!isString(recordPart) || !isCount(number) || !isCount(of) || number > of) return { kind: 'foreign' };
  const letterId = JSON.stringify([envelope, of]);
  return { kind: 'part', facts, part: { letterId, number, of, envelope, recordPart } };
}

function factsOf(letter: JsonObject): LetterFacts | null {
  const { source, code, time, origin } = letter;
  const route = textOrNull(letter['route']);
  const eventId = textOrNull(letter['eventId']);
  const deadLetteredAtEpochMs = isString(time) ? Date.parse(time) : Number.NaN;
  if (!isString(source) || !isString(code) || route === undefined || eventId === undefined) return null;
  if (Number.isNaN(deadLetteredAtEpochMs)) return null;
  const subject = JSON.stringify([source, route, eventId, origin]);
  return { source, route, code, eventId, deadLetteredAtEpochMs, subject };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

/** AWS moves a message as it is, which is a record of the source. A letter is made of it, so that there is one way back. */
function letterOfQueuedRecord(
  { messageId, body, attributes, sentAtEpochMs, meantForQueueArn }: QueuedMessage,
  sourceName: string | null,
): LetterMessage | null {
  const requested = originFromAttributes(attributes);
  if (sourceName === null || (requested === undefined && meantForQueueArn === null)) return null;
  const letter = {
    sluiceDeadLetter: 1,
    source: sourceName,
    route: null,
    code: attributes.has('error_code') ? NOT_DELIVERED : RECEIVED_TOO_OFTEN,
    eventId: null,
    batchId: null,
    time: new Date(sentAtEpochMs).toISOString(),
    origin: requested ?? { kind: 'sqs', messageId, queueArn: meantForQueueArn, sentAtEpochMs },
    record: {
      id: messageId,
      contentType: attributes.get('content-type') ?? null,
      headers: Object.fromEntries(attributes),
      encoding: 'text',
      body,
    },
  };
  const facts = factsOf(letter);
  return facts && { kind: 'letter', facts, letterJson: JSON.stringify(letter) };
}

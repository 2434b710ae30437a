/** The two translations of this trigger: SQS messages into records, outcomes into a partial batch response. */
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { CompiledSource } from '../../lib/compiled-config/compiled.ts';
import type { Header } from '../../lib/event/header.ts';
import { queuedFacts, type QueuedFacts } from '../../lib/event/queue-message.ts';
import type { ReceivedRecord } from '../../lib/event/record.ts';
import { isObject, readBase64 } from '../../lib/json/untrusted-json.ts';
import { mustRedeliver, type EventOutcome } from '../../lib/outcome.ts';

/** SQS does not define an attribute for the content type; senders use either name. */
const CONTENT_TYPE_ATTRIBUTES = ['content-type', 'contenttype'];

/** The function was not invoked by an event source mapping of SQS. Nothing was read that could be acknowledged. */
export class NotAnSqsEventError extends Error {
  override readonly name = 'NotAnSqsEventError';
  readonly retryable = false;

  constructor(found: string) {
    super(`${found}: invoke this function from an event source mapping of an SQS queue only`);
  }
}

/**
 * Return the messages of an event. Anything can invoke a function, so its shape is checked. Attributes that a message
 * does not have (as in a hand-written test event) are empty, so that its neighbors are not delivered again for it.
 * @throws NotAnSqsEventError
 */
export function toMessages(event: unknown): readonly SQSRecord[] {
  const messages = isObject(event) ? event['Records'] : undefined;
  if (!Array.isArray(messages)) throw new NotAnSqsEventError('the event has no list of Records');
  return messages.map((message: unknown) => {
    if (!isSqsMessage(message)) {
      throw new NotAnSqsEventError('a record is not a message of aws:sqs with a messageId and a body');
    }
    const attributes = { ...NO_ATTRIBUTES, ...message.attributes };
    return { ...message, attributes, messageAttributes: { ...message.messageAttributes } };
  });
}

/** The epoch says that SQS did not name a time. */
const NO_ATTRIBUTES = { ApproximateReceiveCount: '1', SentTimestamp: '0' };

function isSqsMessage(message: unknown): message is SQSRecord {
  if (!isObject(message)) return false;
  const { eventSource, messageId, body } = message;
  return eventSource === 'aws:sqs' && typeof messageId === 'string' && typeof body === 'string';
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export function toRecord(message: SQSRecord, source: CompiledSource): ReceivedRecord {
  const headers = attributesOf(message);
  const contentType = CONTENT_TYPE_ATTRIBUTES.map((name) => headers.get(name)).find(
    (value) => value !== undefined,
  );
  const orderGroup = orderGroupOf(message, source);
  return {
    recordId: message.messageId,
    ...factsOf(message, headers, source),
    body: message.body,
    ...(contentType === undefined ? {} : { contentType }),
    headers,
    deliveryCount: Number(message.attributes.ApproximateReceiveCount) || 1,
    ...(orderGroup !== undefined && { orderGroup }),
  };
}

/** Only FIFO queues have message groups. */
function orderGroupOf({ attributes }: SQSRecord, source: CompiledSource): string | undefined {
  return source.type === 'sqs' && source.order === 'strict' ? attributes.MessageGroupId : undefined;
}

/**
 * Name only the messages that must be redelivered; SQS deletes all others. With `order: strict` the outcomes name all
 * messages of a group from its first failure on (see `lib/strict-order.ts`).
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function toBatchResponse(outcomes: readonly EventOutcome[]): SQSBatchResponse {
  const byRecord = Map.groupBy(outcomes, ({ record }) => record.recordId);
  const failed = [...byRecord].filter(([, ofRecord]) =>
    mustRedeliver(ofRecord.map(({ outcome }) => outcome)),
  );
  return { batchItemFailures: failed.map(([itemIdentifier]) => ({ itemIdentifier })) };
}

/** Attribute names are case-sensitive in SQS and header names are not: two that differ in case are one here. */
function attributesOf({ messageAttributes }: SQSRecord): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [name, { stringValue }] of Object.entries(messageAttributes)) {
    if (stringValue !== undefined) attributes.set(name.toLowerCase(), stringValue);
  }
  return attributes;
}

/** Trust attributes of Sluice's endpoint only on its own queue: on another queue any producer can write them. */
function factsOf(
  message: SQSRecord,
  headers: ReadonlyMap<string, string>,
  source: CompiledSource,
): QueuedFacts | Pick<ReceivedRecord, 'origin' | 'headerList'> {
  const queued = source.type === 'http' ? queuedFacts(headers) : undefined;
  if (queued !== undefined) return queued;
  const { messageId, eventSourceARN, attributes } = message;
  const sentAtEpochMs = Number(attributes.SentTimestamp);
  const origin = { kind: 'sqs', messageId, queueArn: eventSourceARN, sentAtEpochMs } as const;
  const headerList = headerListOf(message);
  return headerList.length === 0 ? { origin } : { origin, headerList };
}

/** Numbers are texts of digits, as SQS has them: they may have more than fit into a double. */
function headerListOf({ messageAttributes }: SQSRecord): readonly Header[] {
  const headers: Header[] = [];
  for (const [name, { stringValue, binaryValue }] of Object.entries(messageAttributes)) {
    const value = stringValue ?? (binaryValue === undefined ? null : readBase64(binaryValue));
    if (value !== null) headers.push({ name, value });
  }
  return headers;
}

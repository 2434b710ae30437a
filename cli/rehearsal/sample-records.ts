/** Turn samples into the records that their source would deliver, by the same translations as in Lambda. */
import { toDeliveredRecords } from '../../functions/kafka-trigger/records.ts';
import { toMessages, toRecord } from '../../functions/sqs-trigger/records.ts';
import type {
  CompiledHttpSource,
  CompiledKafkaSource,
  CompiledLimits,
  CompiledSource,
} from '../../lib/compiled-config/compiled.ts';
import { recordOfQueueMessage } from '../../lib/event/queue-message.ts';
import type { ReceivedRecord, Rejection } from '../../lib/event/record.ts';
import { decodeRequest } from '../../lib/ingest.ts';
import { assumeVerified } from './assume-verified.ts';

/** What a sender sends. */
export interface SampleDelivery {
  /** Tells it from all others of the rehearsal. */
  readonly index: number;
  /** Null: a Kafka record without a value; JSON null from any other source. */
  readonly body: Uint8Array | null;
  /** Names as they are written. */
  readonly headers: Readonly<Record<string, string>>;
  /** The key of a Kafka record. */
  readonly key: string | null;
}

export type DeliveredSample =
  | { readonly kind: 'records'; readonly records: readonly ReceivedRecord[] }
  /** The endpoint responds with an error, and nothing reaches the routes. */
  | { readonly kind: 'refused'; readonly rejection: Rejection };

/** Deliver a sample. The ids and times are made up, and the same in each rehearsal. */
export function deliverSample(
  sample: SampleDelivery,
  source: CompiledSource,
  limits: CompiledLimits,
): DeliveredSample {
  switch (source.type) {
    case 'http':
      return deliverRequest(sample, source, limits);
    case 'sqs':
    case 'eventbridge':
      return {
        kind: 'records',
        records: toMessages(sqsEventOf(sample, source)).map((message) => toRecord(message, source)),
      };
    case 'kafka':
      return {
        kind: 'records',
        records: toDeliveredRecords(kafkaEventOf(sample, source), source).map(({ record }) => record),
      };
  }
}

function deliverRequest(
  { index, body, headers: written }: SampleDelivery,
  source: CompiledHttpSource,
  limits: CompiledLimits,
): DeliveredSample {
  const headers = new Map(Object.entries(written).map(([name, value]) => [name.toLowerCase(), value]));
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  const unverifiedBody = body ?? JSON_NULL;
  const request = {
    requestId: `sample-${index}`,
    receivedAtEpochMs: SAMPLE_EPOCH_MS,
    headers,
    unverifiedBody,
  };
  const verified = assumeVerified(source.verify, headers, unverifiedBody);
  const decoded = decodeRequest(request, verified, source, limits);
  if (decoded.kind === 'rejected') return { kind: 'refused', rejection: decoded.rejection };
  // All events of a request have its id: the queue gives each message one of its own.
  const records = decoded.messages.map((message, place) => ({
    ...recordOfQueueMessage(message),
    recordId: `sample-${index}-${place}`,
  }));
  return { kind: 'records', records };
}

const JSON_NULL = Buffer.from('null');

/** 2026-01-01T00:00:00Z. */
const SAMPLE_EPOCH_MS = 1_767_225_600_000;

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function sqsEventOf({ index, body, headers }: SampleDelivery, source: CompiledSource): unknown {
  const messageAttributes = Object.fromEntries(
    Object.entries(headers).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
  );
  const record = {
    eventSource: 'aws:sqs',
    eventSourceARN:
      source.type === 'sqs' ? source.queueArn : `arn:aws:sqs:us-east-1:000000000000:${source.name}`,
    messageId: `sample-${index}`,
    body: Buffer.from(body ?? JSON_NULL).toString('utf8'),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(SAMPLE_EPOCH_MS),
      MessageGroupId: 'sample',
    },
    messageAttributes,
  };
  return { Records: [record] };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html#smaa-sample-event */
function kafkaEventOf(
  { index, body, headers, key }: SampleDelivery,
  { topics }: CompiledKafkaSource,
): unknown {
  const topic = topics[0] ?? 'sample';
  const record = {
    topic,
    partition: 0,
    offset: index,
    timestamp: SAMPLE_EPOCH_MS,
    timestampType: 'CREATE_TIME',
    ...(key !== null && { key: base64Of(Buffer.from(key)) }),
    ...(body !== null && { value: base64Of(body) }),
    headers: Object.entries(headers).map(([name, value]) => ({ [name]: [...Buffer.from(value)] })),
  };
  return { eventSource: 'SelfManagedKafka', records: { [`${topic}-0`]: [record] } };
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import {
  NotAnSqsEventError,
  toBatchResponse,
  toMessages,
  toRecord,
} from '../../../functions/sqs-trigger/records.ts';
import type { EventOutcome, Outcome } from '../../../lib/outcome.ts';
import {
  makeEventBridgeSource,
  makeHttpSource,
  makeSqsSource,
} from '../../support/builders/compiled-config.ts';
import { sqsRecord } from '../../support/builders/pipeline-parts.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function sqsMessage(messageAttributes: Readonly<Record<string, string>>): SQSRecord {
  return {
    messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
    receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...',
    body: '{"n":1}',
    attributes: {
      ApproximateReceiveCount: '3',
      SentTimestamp: '1545082649183',
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: '1545082649185',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, stringValue]) => [
        name,
        { stringValue, dataType: 'String' },
      ]),
    ),
    md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:my-queue',
    awsRegion: 'us-east-2',
  };
}

const ENDPOINT_ATTRIBUTES = {
  'content-type': 'application/cloudevents+json; charset=UTF-8',
  'sluice-request-id': 'JKJaXmPLvHcESHA=',
  'sluice-index': '2',
  'sluice-received-at': '2026-01-31T12:00:00.000Z',
};

describe('toMessages', () => {
  it.each([
    ['nothing', undefined],
    ['an event of EventBridge', { source: 'aws.s3', detail: {} }],
    ['a notification of SNS', { Records: [{ EventSource: 'aws:sns', Sns: { Message: '{}' } }] }],
    ['a message without an id', { Records: [{ eventSource: 'aws:sqs', body: '{}' }] }],
    ['a record that is no object', { Records: [null] }],
  ])('names the fix when it is given %s', (_, event) => {
    expect(() => toMessages(event)).toThrow(NotAnSqsEventError);
    expect(() => toMessages(event)).toThrow(/event source mapping of an SQS queue only/);
  });

  it('does not fail its neighbors for a message without attributes', () => {
    const { messageId, eventSource, eventSourceARN, body } = sqsMessage({});
    const bare = { messageId, eventSource, eventSourceARN, body };
    const messages = toMessages({ Records: [bare, sqsMessage({ a: 'b' })] });
    expect(messages.map((message) => toRecord(message, makeSqsSource()))).toMatchObject([
      { recordId: messageId, deliveryCount: 1, origin: { sentAtEpochMs: 0 } },
      { headers: new Map([['a', 'b']]) },
    ]);
  });
});

describe('toRecord', () => {
  it('takes over what SQS says about a message', () => {
    expect(toRecord(sqsMessage({}), makeSqsSource())).toEqual({
      recordId: '059f36b4-87a3-44ab-83d2-661975830a7d',
      origin: {
        kind: 'sqs',
        messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
        queueArn: 'arn:aws:sqs:us-east-2:123456789012:my-queue',
        sentAtEpochMs: 1_545_082_649_183,
      },
      body: '{"n":1}',
      headers: new Map(),
      deliveryCount: 3,
    });
  });

  it('orders messages by their message group only if the source has order: strict', () => {
    const message = sqsMessage({});
    const grouped = { ...message, attributes: { ...message.attributes, MessageGroupId: 'customer-7' } };
    expect(toRecord(grouped, makeSqsSource({ order: 'strict' })).orderGroup).toBe('customer-7');
    expect(toRecord(grouped, makeSqsSource())).not.toHaveProperty('orderGroup');
    expect(toRecord(message, makeSqsSource({ order: 'strict' }))).not.toHaveProperty('orderGroup');
  });

  it.each(['content-type', 'Content-Type', 'contentType'])(
    'finds the content type in the attribute %s',
    (name) => {
      expect(toRecord(sqsMessage({ [name]: 'text/plain' }), makeSqsSource()).contentType).toBe('text/plain');
    },
  );

  it("restores the request that brought an event to the endpoint's own queue", () => {
    expect(toRecord(sqsMessage(ENDPOINT_ATTRIBUTES), makeHttpSource()).origin).toEqual({
      kind: 'http',
      requestId: 'JKJaXmPLvHcESHA=',
      index: 2,
      receivedAtEpochMs: Date.UTC(2026, 0, 31, 12),
    });
  });

  it("does not believe the endpoint's attributes on a queue that others write to", () => {
    for (const source of [makeSqsSource(), makeEventBridgeSource()]) {
      expect(toRecord(sqsMessage(ENDPOINT_ATTRIBUTES), source).origin.kind).toBe('sqs');
    }
  });
});

describe('toBatchResponse', () => {
  const outcome = (messageId: string, of: Outcome): EventOutcome => ({
    record: sqsRecord(messageId, '{}'),
    event: null,
    outcome: of,
  });
  const created: Outcome = { kind: 'created', route: 'r', batchId: 'b', flowRunId: 'f' };
  const retry: Outcome = { kind: 'retry', route: 'r', code: 'in-flight', detail: '' };

  it('names each message that has to be redelivered once, whichever of its routes failed', () => {
    const outcomes = [
      outcome('m1', created),
      outcome('m2', created),
      outcome('m2', retry),
      outcome('m3', retry),
    ];
    expect(toBatchResponse(outcomes)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm2' }, { itemIdentifier: 'm3' }],
    });
  });

  it('names no message that is settled: created, duplicate, filtered or dead-lettered', () => {
    const done: Outcome[] = [
      created,
      { ...created, kind: 'duplicate' },
      { kind: 'filtered', reason: 'no-route-matched' },
      { kind: 'dead-lettered', code: 'invalid-json', detail: '' },
    ];
    expect(toBatchResponse(done.map((of, index) => outcome(`m${index}`, of)))).toEqual({
      batchItemFailures: [],
    });
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDeadLetterMessages, type DeadLetter } from '../../../lib/dead-letters/dead-letter.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../../lib/event/queue-message.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import { makeDeadLetter } from '../../support/builders/make-dead-letter.ts';

function record(changes: Partial<ReceivedRecord> = {}): ReceivedRecord {
  return {
    recordId: 'message-1',
    origin: {
      kind: 'sqs',
      messageId: 'message-1',
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
      sentAtEpochMs: 1_800_000_000_000,
    },
    body: '{"orderId": 7}',
    contentType: 'application/json',
    headers: new Map([['tenant', 'acme']]),
    deliveryCount: 3,
    ...changes,
  };
}

function deadLetter(changes: Partial<DeadLetter> = {}): DeadLetter {
  return makeDeadLetter({
    record: record(),
    eventId: 'event-1',
    deadLetteredAtEpochMs: 1_800_000_001_000,
    ...changes,
  });
}

interface RecordInLetter {
  readonly headers: Record<string, string>;
  readonly encoding: 'text' | 'base64';
  readonly body: string;
}

/** What a reader of the queue does, by the rule in the module's docstring. */
function readRecord(messages: readonly string[]): RecordInLetter {
  const deadLetters = messages.map(
    (message) =>
      JSON.parse(message) as {
        record?: RecordInLetter;
        recordPart?: string;
        part?: { number: number; of: number };
      },
  );
  const [only] = deadLetters;
  if (deadLetters.length === 1 && only?.record !== undefined) return only.record;
  expect(deadLetters.map(({ part }) => part)).toEqual(
    deadLetters.map((_, index) => ({ number: index + 1, of: deadLetters.length })),
  );
  return JSON.parse(deadLetters.map(({ recordPart }) => recordPart).join('')) as RecordInLetter;
}

function originalOf({ encoding, body }: RecordInLetter): string | Uint8Array {
  return encoding === 'text' ? body : new Uint8Array(Buffer.from(body, 'base64'));
}

describe('toDeadLetterMessages', () => {
  it('makes one dead letter with the record as it was received, and why it failed', () => {
    expect(toDeadLetterMessages(deadLetter()).map((message): unknown => JSON.parse(message))).toEqual([
      {
        sluiceDeadLetter: 1,
        source: 'jobs',
        route: 'process-orders',
        stage: 'submit',
        code: 'refused-by-prefect',
        detail: 'parameter orders: not an array',
        eventId: 'event-1',
        batchId: 'deployment.hash',
        flowRunId: 'dead run',
        deliveryCount: 3,
        configHash: '0123456789abcdef',
        time: '2027-01-15T08:00:01.000Z',
        origin: record().origin,
        record: {
          id: 'message-1',
          contentType: 'application/json',
          headers: { tenant: 'acme' },
          encoding: 'text',
          body: '{"orderId": 7}',
        },
      },
    ]);
  });

  it('writes null for what is not known about a record that could not be decoded', () => {
    const [message] = toDeadLetterMessages(
      deadLetter({
        outcome: { kind: 'dead-lettered', code: 'invalid-json', detail: 'no value' },
        eventId: null,
      }),
    );

    expect(JSON.parse(message)).toMatchObject({
      stage: 'decode',
      route: null,
      eventId: null,
      batchId: null,
      flowRunId: null,
    });
  });

  it('splits any dead letter within the size limit, and loses nothing of its body', () => {
    const body = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3_000, size: 'max' }),
      fc.string({
        unit: fc.constantFrom('"', '\\', 'é', '💧', '\ud800', '\u0000', '\uffff', 'a'),
        maxLength: 3_000,
      }),
      fc.uint8Array({ maxLength: 3_000, size: 'max' }),
    );
    const maxBytes = fc.integer({ min: 900, max: 5_000 });
    fc.assert(
      fc.property(body, maxBytes, (original, limit) => {
        const messages = toDeadLetterMessages(deadLetter({ record: record({ body: original }) }), limit);

        expect(originalOf(readRecord(messages))).toEqual(original);
        expect(messages.every((message) => Buffer.byteLength(message) <= limit)).toBe(true);
      }),
    );
  });

  it('fits the largest record of SQS into two messages', () => {
    const body = 'x'.repeat(MAX_QUEUE_MESSAGE_BYTES);

    const messages = toDeadLetterMessages(deadLetter({ record: record({ body }) }));

    expect(messages).toHaveLength(2);
    expect(readRecord(messages).body).toBe(body);
    expect(messages.every((message) => Buffer.byteLength(message) <= MAX_QUEUE_MESSAGE_BYTES)).toBe(true);
  });

  it('splits a dead letter whose headers are too large, too', () => {
    const headers = new Map([['trace', '\u0001'.repeat(2_000)]]);

    const messages = toDeadLetterMessages(deadLetter({ record: record({ headers }) }), 2_000);

    expect(readRecord(messages).headers).toEqual(Object.fromEntries(headers));
  });

  it('writes dead letters with characters that SQS accepts only', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }), (body) => {
        const [message] = toDeadLetterMessages(deadLetter({ record: record({ body }) }));

        // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
        expect(message).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u);
      }),
    );
  });

  it('throws for a size limit that leaves no room for a record', () => {
    expect(() => toDeadLetterMessages(deadLetter(), 100)).toThrow(RangeError);
  });
});

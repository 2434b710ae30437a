import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../lib/event/event.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import { parseDeadLetterMessage } from '../../../lib/dead-letters/dead-letter-message.ts';
import { DeadLetterParts } from '../../../lib/dead-letters/dead-letter-parts.ts';
import { parseDeadLetter } from '../../../lib/dead-letters/parse-dead-letter.ts';
import type { HiddenMessage } from '../../../lib/redrive/redrive-ports.ts';
import { makeDeadLetterMessages } from '../../support/builders/make-dead-letter.ts';

const text = fc.string({ unit: 'binary', maxLength: 60 });
const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => new Uint8Array(array));
const epochMs = fc.integer({ min: 0, max: 4_000_000_000_000 });

const origin: fc.Arbitrary<Origin> = fc.oneof(
  fc.record({
    kind: fc.constant('http' as const),
    requestId: text,
    index: fc.nat(),
    receivedAtEpochMs: epochMs,
  }),
  fc.record({ kind: fc.constant('sqs' as const), messageId: text, queueArn: text, sentAtEpochMs: epochMs }),
  fc.record(
    {
      kind: fc.constant('kafka' as const),
      cluster: text,
      topic: text,
      partition: fc.nat(),
      offset: fc.maxSafeNat(),
      timestampEpochMs: fc.oneof(epochMs, fc.constant(-1)),
      timestampType: text,
      key: text,
      keyBase64: text,
      tombstone: fc.boolean(),
      schemaId: text,
      schemaSubject: text,
    },
    {
      requiredKeys: ['kind', 'cluster', 'topic', 'partition', 'offset', 'timestampEpochMs', 'tombstone'],
    },
  ),
);

const record: fc.Arbitrary<ReceivedRecord> = fc.record(
  {
    recordId: text,
    origin,
    body: fc.oneof(text, bytes, fc.string({ maxLength: 3_000, size: 'max' })),
    contentType: text,
    headers: fc.dictionary(text, text).map((headers) => new Map(Object.entries(headers))),
    key: bytes,
    headerList: fc.array(fc.record({ name: text, value: fc.oneof(text, bytes) }), { maxLength: 4 }),
    identity: fc.array(text, { minLength: 1, maxLength: 5 }),
    deliveryCount: fc.integer({ min: 1, max: 500 }),
  },
  { requiredKeys: ['recordId', 'origin', 'body', 'headers', 'deliveryCount'] },
);

/** What a redrive makes of the messages of one letter, in whatever order they come. */
function readBack(messages: readonly HiddenMessage[]): unknown {
  const parts = new DeadLetterParts<HiddenMessage>();
  const whole = messages.flatMap((message) => {
    const reading = parseDeadLetterMessage(message, 'jobs');
    if (reading.kind === 'whole') return [reading.deadLetterJson];
    if (reading.kind === 'unrecognized') throw new Error('a dead letter was not recognized');
    const joined = parts.add(reading.part, message);
    return joined === null ? [] : [joined.deadLetterJson];
  });
  expect(whole).toHaveLength(1);
  expect(parts.incomplete).toEqual([]);
  return JSON.parse(whole[0] ?? '');
}

describe('parseDeadLetter', () => {
  it('parses any dead letter back into its record, however it was split and in whatever order its parts arrive', () => {
    const limit = fc.integer({ min: 3_500, max: 9_000 });
    fc.assert(
      fc.property(record, limit, fc.boolean(), (original, maxBytes, isReversed) => {
        const messages = makeDeadLetterMessages({ record: original }, maxBytes);
        const deadLetter = readBack(isReversed ? messages.reverse() : messages);
        expect(parseDeadLetter(deadLetter)).toEqual({
          kind: 'record',
          record: {
            ...original,
            deliveryCount: original.deliveryCount + 1,
            redriven: { eventId: 'm1', route: 'process-orders', batchId: 'deployment.hash' },
          },
        });
      }),
      { examples: [[exampleOfLargeOrigin(), 3_500, true]] },
    );
  });

  it('redrives the whole record when nothing of it could be decoded', () => {
    const outcome = { kind: 'dead-lettered', code: 'invalid-json', detail: 'no value' } as const;
    const deadLetter = readBack(makeDeadLetterMessages({ outcome, eventId: null }));
    expect(parseDeadLetter(deadLetter)).toMatchObject({
      record: { redriven: { eventId: null, route: null, batchId: null } },
    });
  });

  it('keeps the defect of a record that was malformed when it was received', () => {
    const outcome = { kind: 'dead-lettered', code: 'malformed-record', detail: 'no offset' } as const;
    const deadLetter = readBack(makeDeadLetterMessages({ outcome, eventId: null }));
    expect(parseDeadLetter(deadLetter)).toMatchObject({
      record: { defect: { code: 'malformed-record', detail: 'no offset' } },
    });
  });

  it('rejects whatever is not a dead letter, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (value) => {
        expect(parseDeadLetter(value).kind).toBe('rejected');
      }),
    );
  });

  it('names the problem of a dead letter in which any one field was replaced, or parses it', () => {
    const deadLetter = readBack(makeDeadLetterMessages()) as Record<string, unknown>;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(deadLetter)), fc.jsonValue(), (field, value) => {
        const reading = parseDeadLetter({ ...deadLetter, [field]: value });
        if (reading.kind === 'rejected') expect(reading.detail).toMatch(/cannot be redriven: .*\. Read it/);
      }),
    );
  });

  it.each([
    ['origin', { origin: { kind: 'sqs', messageId: 'm1' } }, 'its origin is missing'],
    ['encoding', { record: { id: 'm1', headers: {}, encoding: 'base64', body: 'é' } }, 'record.body'],
    ['headers', { record: { id: 'm1', headers: { a: 1 }, encoding: 'text', body: '' } }, 'record.headers'],
    [
      'identity',
      { record: { id: 'm1', headers: {}, encoding: 'text', body: '', identity: [] } },
      'record.identity',
    ],
    ['version', { sluiceDeadLetter: 2 }, 'not a dead letter of version 1'],
  ])('names the field when the %s is not as Sluice writes it', (_, changes, words) => {
    const deadLetter = readBack(makeDeadLetterMessages()) as Record<string, unknown>;
    const reading = parseDeadLetter({ ...deadLetter, ...changes });
    expect(reading.kind === 'rejected' && reading.detail).toContain(words);
  });
});

function exampleOfLargeOrigin(): ReceivedRecord {
  return {
    recordId: 'orders-0@9007199254740991',
    origin: {
      kind: 'kafka',
      cluster: 'arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0b6b5e1c-2',
      topic: 'orders',
      partition: 0,
      offset: Number.MAX_SAFE_INTEGER,
      timestampEpochMs: -1,
      keyBase64: '/w==',
      tombstone: true,
    },
    body: new Uint8Array(),
    headers: new Map([['__proto__', 'x']]),
    key: Uint8Array.of(255),
    headerList: [],
    deliveryCount: 1,
  };
}

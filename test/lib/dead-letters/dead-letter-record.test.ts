import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../lib/event/event.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import { readLetterMessage } from '../../../lib/dead-letters/dead-letter-message.ts';
import { LetterParts } from '../../../lib/dead-letters/dead-letter-parts.ts';
import { readLetterRecord } from '../../../lib/dead-letters/dead-letter-record.ts';
import type { HiddenMessage } from '../../../lib/redrive/redrive-ports.ts';
import { letterMessages } from '../../support/builders/make-dead-letter.ts';

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
    headerList: fc.array(fc.record({ name: text, value: bytes }), { maxLength: 4 }),
    identity: fc.array(text, { minLength: 1, maxLength: 5 }),
    deliveryCount: fc.integer({ min: 1, max: 500 }),
  },
  { requiredKeys: ['recordId', 'origin', 'body', 'headers', 'deliveryCount'] },
);

/** What a redrive makes of the messages of one letter, in whatever order they come. */
function readBack(messages: readonly HiddenMessage[]): unknown {
  const parts = new LetterParts<HiddenMessage>();
  const whole = messages.flatMap((message) => {
    const reading = readLetterMessage(message, 'jobs');
    if (reading.kind === 'letter') return [reading.letterJson];
    if (reading.kind === 'foreign') throw new Error('a letter was not recognised');
    const joined = parts.add(reading.part, message);
    return joined === null ? [] : [joined.letterJson];
  });
  expect(whole).toHaveLength(1);
  expect(parts.incomplete).toEqual([]);
  return JSON.parse(whole[0] ?? '');
}

describe('readLetterRecord', () => {
  it('gives back the record of any letter, however it was spread and in whatever order its parts come', () => {
    const limit = fc.integer({ min: 3_500, max: 9_000 });
    fc.assert(
      fc.property(record, limit, fc.boolean(), (original, maxBytes, isReversed) => {
        const messages = letterMessages({ record: original }, maxBytes);
        const letter = readBack(isReversed ? messages.reverse() : messages);
        expect(readLetterRecord(letter)).toEqual({
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

  it('is about the whole record when nothing of it could be decoded', () => {
    const outcome = { kind: 'dead-lettered', code: 'invalid-json', detail: 'no value' } as const;
    const letter = readBack(letterMessages({ outcome, eventId: null }));
    expect(readLetterRecord(letter)).toMatchObject({
      record: { redriven: { eventId: null, route: null, batchId: null } },
    });
  });

  it('keeps the defect of a record that was malformed where it came from', () => {
    const outcome = { kind: 'dead-lettered', code: 'malformed-record', detail: 'no offset' } as const;
    const letter = readBack(letterMessages({ outcome, eventId: null }));
    expect(readLetterRecord(letter)).toMatchObject({
      record: { defect: { code: 'malformed-record', detail: 'no offset' } },
    });
  });

  it('rejects, and never throws on, whatever is no letter', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (value) => {
        expect(readLetterRecord(value).kind).toBe('rejected');
      }),
    );
  });

  it('says what is wrong with a letter of which any one field was replaced, or takes it as it is', () => {
    const letter = readBack(letterMessages()) as Record<string, unknown>;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(letter)), fc.jsonValue(), (field, value) => {
        const reading = readLetterRecord({ ...letter, [field]: value });
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
    ['version', { sluiceDeadLetter: 2 }, 'no dead letter of version 1'],
  ])('names the field when the %s is not as Sluice writes it', (_, changes, words) => {
    const letter = readBack(letterMessages()) as Record<string, unknown>;
    const reading = readLetterRecord({ ...letter, ...changes });
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

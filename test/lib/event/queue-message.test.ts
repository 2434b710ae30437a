import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lib/event/decode.ts';
import type { Event, EventData, Origin } from '../../../lib/event/event.ts';
import {
  originFromAttributes,
  queuedFacts,
  queueMessageBytes,
  toQueueMessage,
} from '../../../lib/event/queue-message.ts';
import type { QueueMessage } from '../../../lib/ports.ts';
import { makeHttpSource } from '../../support/builders/compiled-config.ts';
import { arbitraryHeader } from '../../support/builders/arbitrary-event.ts';
import { jsonText } from '../../support/builders/json-text.ts';
import { jsonData, makeEvent } from '../../support/builders/make-event.ts';
import { makeHttpRecord } from '../../support/builders/make-record.ts';

type HttpOrigin = Extract<Origin, { kind: 'http' }>;
type HttpEvent = Event & { readonly origin: HttpOrigin };

const source = makeHttpSource({ format: 'text' });
const limits = { maxEventBytes: 10, maxDepth: 1, maxKeys: 1 };

const attributeText = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => text.isWellFormed() && !/[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(text));
const origin: fc.Arbitrary<HttpOrigin> = fc.record({
  kind: fc.constant('http'),
  requestId: fc.uuid(),
  index: fc.nat(1_000),
  receivedAtEpochMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
});
/** Data with the content type that says how they are kept. */
const content = fc.oneof(
  // Noncharacters are escaped on the way, since SQS refuses them: their test is below.
  jsonText
    .filter((text) => !/[\uFFFE\uFFFF]/.test(text))
    .map((text): Partial<Event> => ({ data: jsonData(text), hasTemplateMarker: markerIn(JSON.parse(text)) })),
  fc
    .string({ unit: 'grapheme' })
    .filter((text) => text.isWellFormed() && !text.includes('\0'))
    .map((text): Partial<Event> => ({ data: { kind: 'text', text }, datacontenttype: 'text/csv' })),
  fc.uint8Array().map((bytes): Partial<Event> => ({
    data: { kind: 'binary', base64: Buffer.from(bytes).toString('base64') },
  })),
  fc.constant<Partial<Event>>({ data: { kind: 'none' } }),
);
const optionalAttributes = fc.record(
  {
    subject: attributeText,
    time: fc.constantFrom('2026-01-31T12:00:00Z', '2026-01-31T12:00:00.123456789+01:00'),
    dataschema: fc.constantFrom('https://example.com/schema', 'urn:schema:1'),
  },
  { requiredKeys: [] },
);
const extensions = fc.dictionary(
  fc.stringMatching(/^ext[a-z0-9]{1,8}$/),
  fc.oneof(fc.integer(), fc.boolean(), attributeText),
  { noNullPrototype: true, maxKeys: 4 },
);
const identity = fc.option(fc.array(attributeText, { minLength: 1, maxLength: 4 }), { nil: undefined });
const headers = fc.option(fc.array(arbitraryHeader, { minLength: 1, maxLength: 4 }), { nil: undefined });
const event: fc.Arbitrary<HttpEvent> = fc
  .tuple(
    fc.tuple(attributeText, attributeText, origin),
    fc.tuple(content, optionalAttributes, extensions),
    fc.tuple(identity, headers),
  )
  .map(([[id, type, from], [data, optional, more], [parts, list]]) => ({
    ...makeEvent({
      id,
      type,
      source: '/a',
      extensions: more,
      identity: parts ?? ['cloudevents', '/a', id],
      ...(list !== undefined && { headers: list }),
      ...data,
      ...optional,
    }),
    origin: from,
  }));

function markerIn(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    ['__prefect_kind', '$ref'].some((key) => Object.hasOwn(value, key)) || Object.values(value).some(markerIn)
  );
}

/** As the queue's consumer receives it. */
function received({ body, attributes }: QueueMessage): Event | undefined {
  const facts = queuedFacts(new Map(Object.entries(attributes)));
  if (facts === undefined) return undefined;
  const record = { ...makeHttpRecord({}), ...facts, body, contentType: attributes['content-type'] ?? '' };
  const decoded = decodeRecord(record, source, limits);
  return decoded.kind === 'events' ? decoded.events[0] : undefined;
}

describe('an event on the queue behind an endpoint', () => {
  it('is the same event when it is received, whatever format and limits say today', () => {
    fc.assert(
      fc.property(event, (sent) => {
        expect(received(toQueueMessage(sent, source))).toEqual(sent);
      }),
    );
  });

  it('has attributes of characters that SQS takes, whatever its headers are', () => {
    fc.assert(
      fc.property(event, (sent) => {
        const { 'sluice-headers': headersJson = '', 'sluice-identity': identityJson = '' } = toQueueMessage(
          sent,
          source,
        ).attributes;
        expect(headersJson + identityJson).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  it('keeps any JSON data byte for byte', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        fc.pre(!/[\uFFFE\uFFFF]/.test(text));
        const sent = { ...makeEvent({ data: jsonData(text) }), origin: makeOrigin() };
        expect(toQueueMessage(sent, source).body).toContain(`"data":${text}}`);
      }),
    );
  });

  it('spells out the two characters that JSON allows and SQS refuses', () => {
    const text = '{"\uFFFE":"\\\\\uFFFF"}';
    const message = toQueueMessage({ ...makeEvent({ data: jsonData(text) }), origin: makeOrigin() }, source);
    expect(message.body).not.toMatch(/[\uFFFE\uFFFF]/);
    const data: EventData | undefined = received(message)?.data;
    expect(data?.kind === 'json' && data.value).toEqual(JSON.parse(text));
  });

  it('says in attributes how it was received', () => {
    expect(toQueueMessage({ ...makeEvent(), origin: makeOrigin() }, source).attributes).toEqual({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      'sluice-source': 'orders-hook',
      'sluice-request-id': 'request-1',
      'sluice-index': '3',
      'sluice-received-at': '2026-09-21T14:13:20.000Z',
    });
  });

  it('is counted as SQS counts it: body, and names, types and values of attributes', () => {
    expect(queueMessageBytes({ body: 'ä', attributes: { ab: 'cde' } })).toBe(2 + 2 + 'String'.length + 3);
  });
});

describe('originFromAttributes', () => {
  const whole = Object.entries(toQueueMessage({ ...makeEvent(), origin: makeOrigin() }, source).attributes);

  it.each(['sluice-request-id', 'sluice-index', 'sluice-received-at'])(
    'knows no origin without %s',
    (name) => {
      expect(
        originFromAttributes(new Map(whole.filter(([attribute]) => attribute !== name))),
      ).toBeUndefined();
    },
  );

  it.each([
    ['sluice-index', '-1'],
    ['sluice-index', '1.5'],
    ['sluice-received-at', 'yesterday'],
  ])('knows no origin with %s: %s', (name, value) => {
    expect(originFromAttributes(new Map([...whole, [name, value]]))).toBeUndefined();
  });
});

function makeOrigin(): HttpOrigin {
  return { kind: 'http', requestId: 'request-1', index: 3, receivedAtEpochMs: 1_790_000_000_000 };
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lib/event/decode.ts';
import type { Event } from '../../../lib/event/event.ts';
import { makeEventBridgeSource } from '../../support/builders/compiled-config.ts';
import { jsonText } from '../../support/builders/json-text.ts';
import { jsonData, textData } from '../../support/builders/make-event.ts';
import { makeSqsRecord } from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 };
const source = makeEventBridgeSource({ unwrap: ['event-bus'] });
const ID = '1f1c9a3e-3b0e-4a0e-9f3a-1d2c3b4a5f60';

const SYSTEM = {
  'aws:EventId': ID,
  'aws:DeliveryType': 'LIVE',
  'aws:IngestionTime': '2026-11-28T09:00:00Z',
  'aws:SequenceNumber': '17',
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-addressing.html */
function delivered(
  data: string,
  system: Readonly<Record<string, unknown>> = {},
  metadata: object = {},
): string {
  const rest = JSON.stringify({ Metadata: metadata, SystemMetadata: { ...SYSTEM, ...system } });
  return `{"Data":${data},${rest.slice(1)}`;
}

const decode = (body: string) => decodeRecord(makeSqsRecord({ body }), source, limits);

function eventOf(body: string): Event {
  const decoded = decode(body);
  const [event] = decoded.kind === 'rejected' ? [] : decoded.events;
  if (event === undefined) throw new Error(JSON.stringify(decoded));
  return event;
}

const putEvents = (detail: string, more = ''): string =>
  delivered(
    `{"source":"com.example.shop","detail-type":"Order Paid","time":"2026-11-28T08:59:59Z","resources":["order/1"]${more},"detail":${detail}}`,
    { 'ContentType': 'application/eventbridge+json', 'aws:Source': 'com.example.shop' },
  );

describe('an event of a custom bus', () => {
  it('that was published with PutEvents is its detail, with the attributes of its envelope', () => {
    expect(eventOf(putEvents('{"n":9007199254740993}'))).toMatchObject({
      id: ID,
      source: 'com.example.shop',
      type: 'Order Paid',
      subject: 'order/1',
      time: '2026-11-28T08:59:59Z',
      data: jsonData('{"n":9007199254740993}'),
    });
  });

  it('that was published with PutRawEvents is its payload, whatever JSON that is, to the digit', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const event = eventOf(delivered(`{"order":${text}}`, { ContentType: 'application/json' }));
        expect(event).toMatchObject({ id: ID, source: 'aws:events', type: 'sluice.eventbridge.received' });
        expect(event.data).toEqual(jsonData(`{"order":${text}}`));
      }),
    );
  });

  it('that is a text is that text, and its metadata are headers', () => {
    const event = eventOf(
      delivered('"order A-1, please"', { ContentType: 'text/plain' }, { Tenant: 'acme', n: 1 }),
    );
    expect(event.data).toEqual(textData('order A-1, please'));
    expect(event.headers).toContainEqual({ name: 'tenant', value: 'acme' });
    expect(event.headers?.map(({ name }) => name)).not.toContain('n');
  });

  it('that is a CloudEvent keeps its own attributes', () => {
    const cloudEvent = '{"specversion":"1.0","id":"7","source":"/shop","type":"order.paid","data":1}';
    expect(eventOf(delivered(cloudEvent))).toMatchObject({ id: '7', source: '/shop', type: 'order.paid' });
  });

  it('is the same event when it is delivered a second time, live or from what the bus retained', () => {
    const again = putEvents('1').replace('"LIVE"', '"REPLAY"').replace('"17"', '"99"');
    const { id, source: from, type } = eventOf(putEvents('1'));
    expect(eventOf(again)).toMatchObject({ id, source: from, type });
  });

  it.each([
    ['a time that is none', delivered('1', { 'aws:IngestionTime': 'yesterday' }), 'events'],
    ['no id', delivered('{"a":1}', { 'aws:EventId': undefined }), 'events'],
    ['an id that is no text', delivered('{"a":1}', { 'aws:EventId': 5 }), 'events'],
    ['no data', '{"SystemMetadata":{"aws:EventId":"1"}}', 'events'],
    [
      'detail in another content type',
      delivered('{"detail":1}', { ContentType: 'application/json' }),
      'events',
    ],
    ['a member twice', `{"Data":1,"Data":2,"SystemMetadata":${JSON.stringify(SYSTEM)}}`, 'invalid-envelope'],
    ['a detail twice', putEvents('1', ',"detail":2'), 'invalid-envelope'],
    ['a type that no attribute can be', delivered('1', { 'aws:DetailType': 'a\u0000b' }), 'nul-character'],
    ['members of a prototype', '{"__proto__":{"Data":1},"SystemMetadata":{"aws:EventId":"1"}}', 'events'],
  ])('with %s is read or refused, and throws nothing', (_what, body, result) => {
    const decoded = decode(body);
    expect(decoded.kind === 'rejected' ? decoded.rejection.code : 'events').toBe(result);
  });
});

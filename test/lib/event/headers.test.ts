/** What a sender says beside the body, from every source, as expressions see it. */
import { describe, expect, it } from 'vitest';
import { toRecord } from '../../../functions/sqs-trigger/records.ts';
import type { CompiledHttpSource, CompiledSource } from '../../../lib/compiled-config/compiled.ts';
import { decodeRecord } from '../../../lib/event/decode.ts';
import type { Event } from '../../../lib/event/event.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import { eventView, type EventView } from '../../../lib/expressions/event-view.ts';
import { decodeKafkaRecord } from '../../../lib/schema-registry/decode-kafka.ts';
import {
  makeEventBridgeSource,
  makeHttpSource,
  makeKafkaSource,
  makeSqsSource,
} from '../../support/builders/compiled-config.ts';
import { eventBridgeEvent, s3Notification, snsEnvelope } from '../../support/builders/make-envelope.ts';
import {
  makeHttpRecord,
  makeReceivedKafkaRecord,
  makeSqsRecord,
} from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 2_000, maxDepth: 64, maxKeys: 1_000 };
const NOT_UTF8 = Uint8Array.from([0xff, 0x00, 0xfe]);

function decode(record: ReceivedRecord, source: CompiledSource): readonly Event[] {
  const decoded = decodeRecord(record, source, limits);
  if (decoded.kind === 'rejected') throw new Error(decoded.rejection.detail);
  return decoded.events;
}

function viewOf([event]: readonly Event[]): EventView {
  if (event === undefined) throw new Error('no event');
  return eventView(event);
}

function headersOf(events: readonly Event[]): readonly Record<string, string>[] {
  return events.map((event) => Object.fromEntries(eventView(event).headers));
}

describe('headers of Kafka', () => {
  const source = makeKafkaSource();
  const read = (
    headers: readonly (readonly [string, string | Uint8Array])[],
    value: string | null = '{}',
  ) => {
    const decoded = decodeKafkaRecord(makeReceivedKafkaRecord({ value, headers }), {
      source,
      limits,
      schemas: new Map(),
    });
    if (decoded.kind !== 'events') throw new Error(decoded.kind);
    return viewOf(decoded.events);
  };

  it('keep their names as they are, and their last text where a name is repeated', () => {
    const view = read([
      ['Tenant', 'a'],
      ['tenant', 'b'],
      ['tenant', 'c'],
    ]);
    expect(Object.fromEntries(view.headers)).toEqual({ Tenant: 'a', tenant: 'c' });
    expect(Object.fromEntries(view.header_values)).toEqual({ Tenant: ['a'], tenant: ['b', 'c'] });
  });

  it('that are not UTF-8 text are base64 only, and hide no text of the same name', () => {
    const view = read([
      ['trace', 'text'],
      ['trace', NOT_UTF8],
      ['number', Uint8Array.from([0, 0, 0, 5])],
    ]);
    expect(Object.fromEntries(view.headers)).toEqual({ trace: 'text' });
    expect(Object.fromEntries(view.headers_base64)).toEqual({ trace: '/wD+', number: 'AAAABQ==' });
  });

  it('are there of a tombstone, too', () => {
    expect(read([['reason', 'gdpr']], null).headers.get('reason')).toBe('gdpr');
  });

  it('have any name, also one that objects have by themselves', () => {
    const names = ['__proto__', 'constructor', 'toString', ''];
    const view = read(names.map((name) => [name, 'x']));
    expect([...view.headers.keys()]).toEqual(names);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });
});

describe('attributes of SQS messages', () => {
  const message = (messageAttributes: object) =>
    toRecord(
      {
        messageId: 'm1',
        receiptHandle: '',
        body: '{}',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: '1545082649183',
          SenderId: '',
          ApproximateFirstReceiveTimestamp: '',
        },
        messageAttributes: { ...messageAttributes },
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: makeSqsSource().queueArn,
        awsRegion: 'eu-west-1',
      },
      makeSqsSource(),
    );

  it('are texts, numbers as they were written, and bytes in base64 whatever they are', () => {
    const view = viewOf(
      decode(
        message({
          Tenant: { dataType: 'String', stringValue: 'blue' },
          priority: { dataType: 'Number', stringValue: '12345678901234567890.5' },
          digest: { dataType: 'Binary', binaryValue: Buffer.from('text by chance').toString('base64') },
        }),
        makeSqsSource(),
      ),
    );
    expect(Object.fromEntries(view.headers)).toEqual({ Tenant: 'blue', priority: '12345678901234567890.5' });
    expect(view.headers_base64.get('digest')).toBe(Buffer.from('text by chance').toString('base64'));
    expect(view.headers_base64.get('Tenant')).toBe('Ymx1ZQ==');
  });

  it('are those of SNS where it delivers raw messages, and are in its envelope where it does not', () => {
    const raw = message({ kind: { dataType: 'String', stringValue: 'order' } });
    const enveloped = makeSqsRecord({
      body: snsEnvelope('{"a":1}', {
        MessageAttributes: {
          kind: { Type: 'String', Value: 'order' },
          digest: { Type: 'Binary', Value: '/wD+' },
          broken: { Type: 'Binary', Value: '%' },
          odd: 5,
        },
      }),
    });
    expect(headersOf(decode(raw, makeSqsSource()))).toEqual([{ kind: 'order' }]);
    const view = viewOf(decode(enveloped, makeSqsSource({ unwrap: ['sns'] })));
    expect(Object.fromEntries(view.headers)).toEqual({ kind: 'order' });
    expect(view.headers_base64.get('digest')).toBe('/wD+');
  });

  it('of an outer envelope are said of every event inside', () => {
    const body = snsEnvelope(s3Notification({ key: 'a' }, { key: 'b' }), {
      MessageAttributes: { tenant: { Type: 'String', Value: 'blue' } },
    });
    const events = decode(makeSqsRecord({ body }), makeSqsSource({ unwrap: ['sns', 's3'] }));
    expect(headersOf(events)).toEqual([{ tenant: 'blue' }, { tenant: 'blue' }]);
  });
});

describe('headers of EventBridge', () => {
  it('are what the envelope says, also where the detail is a CloudEvent of its own', () => {
    const cloudEvent = '{"specversion":"1.0","id":"1","source":"/shop","type":"paid","data":{}}';
    for (const detail of ['{"total":1}', cloudEvent]) {
      const body = eventBridgeEvent(detail, { resources: ['arn:aws:s3:::a', 'arn:aws:s3:::b'] });
      const view = viewOf(decode(makeSqsRecord({ body }), makeEventBridgeSource()));
      expect(Object.fromEntries(view.headers)).toEqual({
        'detail-type': 'Order Paid',
        'source': 'com.example.shop',
        'account': '123456789012',
        'region': 'eu-central-1',
        'resources': 'arn:aws:s3:::b',
      });
      expect(view.header_values.get('resources')).toEqual(['arn:aws:s3:::a', 'arn:aws:s3:::b']);
    }
  });
});

describe('headers within envelopes at an HTTP source', () => {
  const MESSAGE = snsEnvelope('{"a":1}', {
    MessageAttributes: { Tenant: { Type: 'String', Value: 'blue' }, Other: { Type: 'String', Value: 'x' } },
  });
  const at = (overrides: Partial<CompiledHttpSource>) =>
    headersOf(
      decode(
        makeHttpRecord({ body: MESSAGE, contentType: 'application/json' }),
        makeHttpSource({ unwrap: ['sns'], headers: ['tenant'], ...overrides }),
      ),
    );

  it('are those that the source lists', () => {
    expect(at({})).toEqual([{ tenant: 'blue' }]);
  });

  it('are none where the signature of SNS is the verification, since it does not cover them', () => {
    expect(at({ verify: { scheme: 'sns', topics: ['arn:aws:sns:eu-west-1:123456789012:orders'] } })).toEqual([
      {},
    ]);
  });
});

describe('the size of headers', () => {
  const record = (bytes: number) =>
    makeReceivedKafkaRecord({ value: '{"n":1}', headers: [['x', 'h'.repeat(bytes)]] });

  it('counts towards the limit of the event, and the message says so', () => {
    const fits = limits.maxEventBytes - '{"n":1}'.length - 'x'.length;
    expect(decodeRecord(record(fits), makeKafkaSource(), limits).kind).toBe('events');
    expect(decodeRecord(record(fits + 1), makeKafkaSource(), limits)).toEqual({
      kind: 'rejected',
      rejection: {
        code: 'too-large',
        detail:
          'The event has 2001 bytes, 1994 of them in headers, and 2000 are allowed. ' +
          'Send a reference to the data, or raise limits.maxEventBytes.',
      },
    });
  });
});

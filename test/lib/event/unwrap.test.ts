import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledEnvelope, SourceFormat } from '../../../lib/compiled-config/compiled.ts';
import { decodeRecord } from '../../../lib/event/decode.ts';
import { eventToCloudEventJson } from '../../../lib/event/event-json.ts';
import type { Event } from '../../../lib/event/event.ts';
import type { Decoded } from '../../../lib/event/record.ts';
import {
  makeEventBridgeSource,
  makeHttpSource,
  makeSqsSource,
} from '../../support/builders/compiled-config.ts';
import { jsonText } from '../../support/builders/json-text.ts';
import {
  cephNotification,
  eventBridgeEvent,
  minioNotification,
  S3_TEST_EVENT,
  s3Notification,
  s3Record,
  snsEnvelope,
} from '../../support/builders/make-envelope.ts';
import { jsonData, textData } from '../../support/builders/make-event.ts';
import { makeHttpRecord, makeSqsRecord } from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 };
const ALL: readonly CompiledEnvelope[] = ['sns', 'eventbridge', 's3'];

function decode(body: string, unwrap = ALL, format: SourceFormat = 'auto'): Decoded {
  return decodeRecord(makeSqsRecord({ body }), makeSqsSource({ unwrap, format }), limits);
}

function eventsOf(decoded: Decoded): readonly Event[] {
  if (decoded.kind === 'rejected') throw new Error(decoded.rejection.detail);
  return decoded.events;
}

function onlyEventOf(body: string, unwrap = ALL, format: SourceFormat = 'auto'): Event {
  const [event, ...more] = eventsOf(decode(body, unwrap, format));
  if (event === undefined || more.length > 0) throw new Error('not one event');
  return event;
}

function codeOf(decoded: Decoded): string {
  return decoded.kind === 'rejected' ? decoded.rejection.code : 'events';
}

const anyEnvelope = fc.constantFrom<(text: string) => string>(
  (text) => snsEnvelope(text),
  (text) => eventBridgeEvent(text),
);

describe('unwrapping', () => {
  it('keeps any JSON byte for byte, in whatever envelopes it is', () => {
    fc.assert(
      fc.property(jsonText, fc.array(anyEnvelope, { maxLength: 3 }), (text, envelopes) => {
        // Data that is an envelope itself is not what this is about.
        fc.pre(!text.includes('Records'));
        const body = envelopes.reduce((inner, envelope) => envelope(inner), `{"data":${text}}`);
        expect(onlyEventOf(body, ALL, 'json').data).toEqual(jsonData(`{"data":${text}}`));
      }),
    );
  });

  it('keeps digits that no JavaScript number holds', () => {
    const { data } = onlyEventOf(snsEnvelope(eventBridgeEvent('{"id": 9007199254740993, "x": 1.10}')));
    expect(data).toMatchObject({ text: '{"id": 9007199254740993, "x": 1.10}' });
  });

  it('makes the same events, with the same ids, of the same message', () => {
    const body = snsEnvelope(s3Notification({ key: 'a' }, { key: 'b' }));
    expect(decode(body)).toEqual(decode(body));
    expect(new Set(eventsOf(decode(body)).map(({ id }) => id)).size).toBe(2);
  });

  it('takes off only the envelopes that the source names', () => {
    const body = snsEnvelope(eventBridgeEvent('{}'));
    expect(onlyEventOf(body, []).data).toEqual(jsonData(body));
    expect(onlyEventOf(body, ['sns']).data).toEqual(jsonData(eventBridgeEvent('{}')));
    expect(onlyEventOf(body, ['eventbridge']).data).toEqual(jsonData(body));
  });

  it('reads what is in no envelope as it always would', () => {
    fc.assert(
      fc.property(fc.oneof(jsonText, fc.string()), (body) => {
        fc.pre(!/Records|TopicArn|detail/.test(body));
        expect(decode(body, ALL)).toEqual(decode(body, []));
      }),
    );
  });

  it('takes off four envelopes and no more', () => {
    const wrap = (times: number): string => (times === 0 ? '{}' : eventBridgeEvent(wrap(times - 1)));
    expect(onlyEventOf(wrap(4)).data).toEqual(jsonData('{}'));
    expect(onlyEventOf(wrap(5)).data).toEqual(jsonData(eventBridgeEvent('{}')));
  });

  it('takes off the one of the rule where the source is an event bus: an event about an event is data', () => {
    const inner = eventBridgeEvent('{}', { id: 'of another event', source: 'com.example.other' });
    const record = makeSqsRecord({ body: eventBridgeEvent(inner) });
    const [event, ...more] = eventsOf(decodeRecord(record, makeEventBridgeSource(), limits));
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
      source: 'com.example.shop',
      data: jsonData(inner),
      identity: ['cloudevents', 'com.example.shop', '6a7e8feb-b491-4cf7-a9f1-bf3703467718'],
    });
  });

  it('counts depth and bytes of the data, not of its envelopes', () => {
    const deep = '['.repeat(64) + ']'.repeat(64);
    expect(codeOf(decode(snsEnvelope(eventBridgeEvent(deep))))).toBe('events');
    expect(codeOf(decode(snsEnvelope(eventBridgeEvent(`[${deep}]`))))).toBe('too-deep');
    const long = JSON.stringify('x'.repeat(limits.maxEventBytes - 2));
    expect(codeOf(decode(snsEnvelope(long)))).toBe('events');
    expect(codeOf(decode(snsEnvelope(` ${long}`)))).toBe('too-large');
  });

  it('names the bad events among those of one message, and refuses the message as a whole', () => {
    const bad = { record: { note: '\u0000' } };
    // The envelope could not be passed on either: a NUL anywhere in JSON text is found before it is taken off.
    expect(codeOf(decode(s3Notification({}, bad)))).toBe('nul-character');
    const keys = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`k${index}`, 1]));
    expect(decode(s3Notification({}, { record: keys }, {}))).toMatchObject({
      kind: 'rejected',
      index: 1,
      badEvents: [{ index: 1, rejection: { code: 'too-many-keys' } }],
    });
  });

  it('survives the queue behind an endpoint: the event is the same on both sides', () => {
    const source = makeHttpSource({ unwrap: ALL });
    const body = snsEnvelope(s3Notification({ key: 'a+b' }, { key: 'c' }));
    const received = makeHttpRecord({ body, contentType: 'text/plain; charset=UTF-8' });
    const accepted = eventsOf(decodeRecord(received, source, limits));
    const delivered = accepted.flatMap((event) => {
      const record = makeHttpRecord({ origin: event.origin });
      return eventsOf(decodeRecord({ ...record, body: eventToCloudEventJson(event) }, source, limits));
    });
    expect(delivered).toEqual(accepted);
    expect(accepted.map(({ origin }) => origin)).toMatchObject([{ index: 0 }, { index: 1 }]);
  });
});

describe('an SNS notification', () => {
  it('gives its message attributes of its own', () => {
    expect(onlyEventOf(snsEnvelope('{"a":1}', { Subject: 'Paid' }))).toMatchObject({
      id: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
      source: 'arn:aws:sns:eu-central-1:123456789012:orders',
      type: 'com.amazonaws.sns.Notification',
      subject: 'Paid',
      time: '2026-01-31T12:00:00.000Z',
      datacontenttype: 'application/json',
      identity: [
        'cloudevents',
        'arn:aws:sns:eu-central-1:123456789012:orders',
        '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
      ],
    });
  });

  it('may carry text: whatever is not JSON, unless format says JSON', () => {
    expect(onlyEventOf(snsEnvelope('hello'), ALL, 'text').data).toEqual(textData('hello'));
    const MessageAttributes = { 'content-type': { Type: 'String', Value: 'text/plain' } };
    expect(onlyEventOf(snsEnvelope('hello', { MessageAttributes })).data).toEqual(textData('hello'));
    expect(onlyEventOf(snsEnvelope('hello')).data).toEqual(textData('hello'));
    expect(codeOf(decode(snsEnvelope('hello'), ALL, 'json'))).toBe('invalid-json');
  });

  it('is the same event whatever its message attributes say, where only the signature of SNS vouches for it', () => {
    const verify = { scheme: 'sns', topics: ['arn:aws:sns:eu-central-1:123456789012:orders'] } as const;
    const source = makeHttpSource({ unwrap: ['sns'], verify });
    const read = (MessageAttributes: object | undefined): Decoded => {
      const body = snsEnvelope('{"specversion":"1.0","id":"1","source":"/shop","type":"paid"}', {
        MessageAttributes,
      });
      return decodeRecord(makeHttpRecord({ body, contentType: 'application/json' }), source, limits);
    };
    const attributes = { 'content-type': { Type: 'String', Value: 'text/plain' } };
    expect(eventsOf(read(undefined))).toMatchObject([{ id: '1', source: '/shop' }]);
    expect(read(attributes)).toEqual(read(undefined));
  });

  it('leaves a CloudEvent in it its own attributes', () => {
    const cloudEvent = '{"specversion":"1.0","id":"1","source":"/shop","type":"paid","data":{"a":1}}';
    expect(onlyEventOf(snsEnvelope(cloudEvent))).toMatchObject({
      id: '1',
      source: '/shop',
      identity: ['cloudevents', '/shop', '1'],
      data: jsonData('{"a":1}'),
    });
  });

  it.each(['SubscriptionConfirmation', 'UnsubscribeConfirmation'])(
    'that is a %s is kept for a person to see',
    (Type) => {
      expect(codeOf(decode(snsEnvelope('You have chosen …', { Type })))).toBe('invalid-envelope');
    },
  );

  it('without a MessageId is refused rather than given an id that changes', () => {
    expect(codeOf(decode(snsEnvelope('{}', { MessageId: undefined })))).toBe('invalid-envelope');
  });
});

describe('an EventBridge event', () => {
  it('gives its detail attributes of everything else', () => {
    const resources = ['arn:aws:s3:::incoming'];
    expect(onlyEventOf(eventBridgeEvent('{"total":1}', { resources }))).toMatchObject({
      id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
      source: 'com.example.shop',
      type: 'Order Paid',
      subject: 'arn:aws:s3:::incoming',
      time: '2026-01-31T12:00:00Z',
      extensions: { awsaccount: '123456789012', awsregion: 'eu-central-1' },
      data: jsonData('{"total":1}'),
    });
  });

  it('keeps all of several resources', () => {
    const event = onlyEventOf(eventBridgeEvent('{}', { resources: ['arn:a', 'arn:b'] }));
    expect(event).toMatchObject({ extensions: { awsresources: '["arn:a","arn:b"]' } });
    expect(event.subject).toBeUndefined();
  });

  it('is another event when it is replayed from an archive', () => {
    const first = onlyEventOf(eventBridgeEvent('{}'));
    const replayed = onlyEventOf(eventBridgeEvent('{}', { 'replay-name': 'again' }));
    expect(replayed.extensions['awsreplayname']).toBe('again');
    expect(replayed.identity).not.toEqual(first.identity);
  });

  it('may have a source that is not a URI', () => {
    expect(onlyEventOf(eventBridgeEvent('{}', { source: 'my shop %' })).source).toBe('my%20shop%20%25');
  });

  it('with its detail twice is refused: readers differ in which one counts', () => {
    expect(codeOf(decode(eventBridgeEvent('1,"detail":2')))).toBe('invalid-envelope');
  });
});

describe('an S3 notification', () => {
  it('becomes an event of each of its records, as the CloudEvents adapter for S3 says', () => {
    const events = eventsOf(decode(s3Notification({}, { key: 'b.csv', eventName: 'ObjectRemoved:Delete' })));
    expect(events).toMatchObject([
      {
        source: 'aws:s3.eu-central-1.incoming',
        type: 'com.amazonaws.s3.ObjectCreated:Put',
        subject: 'a.csv',
        time: '2026-01-31T12:00:00.000Z',
        datacontenttype: 'application/json',
        data: jsonData(JSON.stringify(s3Record())),
      },
      { type: 'com.amazonaws.s3.ObjectRemoved:Delete', subject: 'b.csv' },
    ]);
  });

  it.each([
    ['a+b%2Bc.csv', 'a b+c.csv'],
    ['2026%2F01/%C3%A4.csv', '2026/01/ä.csv'],
    ['%E6%97%A5', '日'],
    ['line%0Abreak', undefined],
  ])('has the key %s decoded for its subject', (key, subject) => {
    expect(onlyEventOf(s3Notification({ key })).subject).toBe(subject);
  });

  it('is one event for each version, sequencer and kind of change of an object', () => {
    const changes = [
      {},
      { key: 'b' },
      { object: { versionId: 'v1' } },
      { object: { sequencer: '0055AED6DCD90281E6' } },
      { eventName: 'ObjectCreated:Copy' },
      // Tags of one version may change twice, and these events have no sequencer.
      { eventName: 'ObjectTagging:Put', object: { sequencer: undefined } },
      {
        eventName: 'ObjectTagging:Put',
        object: { sequencer: undefined },
        record: { eventTime: '2026-01-31T12:00:01.000Z' },
      },
    ];
    const ids = eventsOf(decode(s3Notification(...changes))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(changes.length);
  });

  it('that is a test event yields no events, in any envelope', () => {
    expect(decode(S3_TEST_EVENT)).toEqual({ kind: 'events', events: [] });
    expect(decode(snsEnvelope(S3_TEST_EVENT))).toEqual({ kind: 'events', events: [] });
    expect(eventsOf(decode(S3_TEST_EVENT, []))).toHaveLength(1);
  });

  it.each([
    ['a key that is not URL-encoded', { key: '100%' }],
    ['a record without bucket and key', { record: { s3: {} } }],
    ['a record of another service', { record: { eventSource: 'aws:sqs' } }],
  ])('with %s is refused as a whole', (_name, change) => {
    expect(codeOf(decode(s3Notification({}, change)))).toBe('invalid-envelope');
  });

  it('of MinIO is read as one of Amazon S3, without the prefix of its event names', () => {
    const body = minioNotification('2026%2F01%2Fred+flower.csv');
    expect(onlyEventOf(body)).toMatchObject({
      source: 'minio:s3.incoming',
      type: 'com.amazonaws.s3.ObjectCreated:Put',
      subject: '2026/01/red flower.csv',
      time: '2026-01-31T12:00:00.000Z',
    });
    expect(onlyEventOf(snsEnvelope(body))).toEqual(onlyEventOf(body));
  });

  it.each(['ObjectCreated:Put', 's3:ObjectCreated:Put'])(
    'of Ceph with the event name %s is read as one of Amazon S3',
    (eventName) => {
      expect(onlyEventOf(cephNotification({ eventName }))).toMatchObject({
        source: 'ceph:s3.default.incoming',
        type: 'com.amazonaws.s3.ObjectCreated:Put',
        subject: 'a.csv',
      });
    },
  );

  it.each(['100%.csv', 'a+b.csv', 'a%20b.csv', 'ä/ö.csv'])(
    'of Ceph has the name %s as it is, because Ceph does not encode it',
    (key) => {
      expect(onlyEventOf(cephNotification({ key })).subject).toBe(key);
    },
  );

  it('without a version (Ceph writes an empty one) is another event for each ETag', () => {
    const written = (eTag: string) => ({ object: { versionId: '', sequencer: '', eTag } });
    const unversioned = { object: { versionId: undefined, sequencer: undefined, eTag: 'e1' } };
    const ids = [written('e1'), written('e2'), unversioned].map(
      (change) => onlyEventOf(cephNotification(change)).id,
    );
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids[2]).toBe(ids[0]);
  });

  it('of another store than these is left in its envelope', () => {
    const body = s3Notification({ record: { eventSource: 'other:s3' } });
    expect(onlyEventOf(body).data).toEqual(jsonData(body));
  });

  it('with records of two stores is refused as a whole', () => {
    expect(codeOf(decode(s3Notification({}, { record: { eventSource: 'minio:s3' } })))).toBe(
      'invalid-envelope',
    );
  });

  it('comes over EventBridge as an event of EventBridge', () => {
    const detail = '{"bucket":{"name":"incoming"},"object":{"key":"a b.csv"}}';
    const overrides = { 'source': 'aws.s3', 'detail-type': 'Object Created' };
    expect(onlyEventOf(eventBridgeEvent(detail, overrides))).toMatchObject({
      type: 'Object Created',
      source: 'aws.s3',
      data: jsonData(detail),
    });
  });
});

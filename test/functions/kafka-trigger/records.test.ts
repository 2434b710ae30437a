import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDeliveredRecords, NotAKafkaEventError } from '../../../functions/kafka-trigger/records.ts';
import { topicPartitionOf } from '../../../scripts/kafka/kafka-record.ts';
import { toLambdaEvent } from '../../../scripts/kafka/lambda-event.ts';
import { makeKafkaSource } from '../../support/builders/compiled-config.ts';
import { anyKafkaRecords } from '../../support/builders/make-kafka-record.ts';

type Json = Readonly<Record<string, unknown>>;

function fixture(name: string): Json {
  return JSON.parse(
    readFileSync(new URL(`../../fixtures/kafka/${name}.json`, import.meta.url), 'utf8'),
  ) as Json;
}

const SERVERS =
  'b-1.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092,' +
  'b-2.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092';
const source = makeKafkaSource();

const RECORD: Json = {
  topic: 'orders-eu',
  partition: 3,
  offset: 7,
  timestamp: 1_790_000_000_000,
  timestampType: 'CREATE_TIME',
  key: 'QS0x',
  value: 'e30=',
  headers: [],
};

function deliver(record: unknown, partition = 'orders-eu-3') {
  const event = { eventSource: 'aws:kafka', eventSourceArn: 'arn:c', records: { [partition]: [record] } };
  const [delivered] = toDeliveredRecords(event, source);
  if (delivered === undefined) throw new Error('no record was delivered');
  return delivered;
}

describe('an event of AWS Lambda', () => {
  it.each([
    [
      'msk',
      'arn:aws:kafka:us-east-1:123456789012:cluster/vpc-2priv-2pub/751d2973-a626-431c-9d4e-d7975eb44dd7-2',
    ],
    ['self-managed', SERVERS],
  ])('reads a Kafka event as AWS documents it: %s', (name, cluster) => {
    const value = Buffer.from('headerValue');
    expect(toDeliveredRecords(fixture(name), source)).toEqual([
      {
        partition: 'mytopic-0',
        offset: 15,
        record: {
          recordId: 'mytopic-0@15',
          origin: {
            kind: 'kafka',
            cluster,
            topic: 'mytopic',
            partition: 0,
            offset: 15,
            timestampEpochMs: 1_545_084_650_987,
            timestampType: 'CREATE_TIME',
            // The sample's key ends in bits that stand for no byte.
            keyBase64: 'abcDEFghiJKLmnoPQRstuVWXyz123w==',
            tombstone: false,
          },
          body: Buffer.from('Hello, this is a test.'),
          headers: new Map([['headerkey', 'headerValue']]),
          key: Buffer.from('abcDEFghiJKLmnoPQRstuVWXyz1234==', 'base64'),
          headerList: [{ name: 'headerKey', value: Uint8Array.from(value) }],
          deliveryCount: 1,
        },
      },
    ]);
  });

  it('orders Kafka records by partition only if the source has order: strict', () => {
    const strict = toDeliveredRecords(fixture('msk'), { ...source, order: 'strict' });
    expect(strict.map(({ record }) => record.orderGroup)).toEqual(['mytopic-0']);
    expect(toDeliveredRecords(fixture('msk'), source)[0]?.record).not.toHaveProperty('orderGroup');
  });

  it('returns every Kafka record once, whole, and in order, whatever the records are', () => {
    fc.assert(
      fc.property(anyKafkaRecords, (records) => {
        const event = toLambdaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'b:9092' }, records);
        const delivered = toDeliveredRecords(JSON.parse(JSON.stringify(event)), source);
        const sent = [...Map.groupBy(records, topicPartitionOf).values()].flat();
        expect(
          delivered.map(({ record: { body, key, headerList, origin, defect }, partition, offset }) => ({
            partition,
            offset,
            value: origin.kind === 'kafka' && origin.tombstone ? null : Buffer.from(body),
            key: key === undefined ? null : Buffer.from(key),
            headers: headerList?.map(({ name, value }) => ({ name, value: Buffer.from(value) })),
            defect,
          })),
        ).toEqual(
          sent.map(({ topic, partition, offset, value, key, headers }) => ({
            partition: `${topic}-${partition}`,
            offset,
            value,
            // Lambda does not tell an empty key from none.
            key: key?.length === 0 ? null : key,
            headers: headers.map((header) => ({ name: header.name, value: header.value ?? Buffer.alloc(0) })),
            defect: undefined,
          })),
        );
      }),
    );
  });

  it.each(['aws:kafka', 'SelfManagedKafka', 'aws:SelfManagedKafka'])(
    'accepts a Kafka event whose eventSource is %s',
    (eventSource) => {
      expect(toDeliveredRecords({ ...fixture('msk'), eventSource }, source)).toHaveLength(1);
    },
  );

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /not an object/],
    ['a text', 'event', /not an object/],
    ['a list', [], /not an object/],
    ['the event of a queue', { Records: [{ eventSource: 'aws:sqs' }] }, /eventSource/],
    ['records of nobody', { records: {} }, /eventSource/],
    ['an event without records', { eventSource: 'aws:kafka' }, /records are missing/],
    ['records that are a list', { eventSource: 'aws:kafka', records: [] }, /records are missing/],
    ['records that are null', { eventSource: 'SelfManagedKafka', records: null }, /records are missing/],
  ])('refuses a Kafka event that is %s as a whole', (_what, event, message) => {
    expect(() => toDeliveredRecords(event, source)).toThrow(NotAKafkaEventError);
    expect(() => toDeliveredRecords(event, source)).toThrow(message);
  });

  it('accepts a Kafka event without records', () => {
    expect(toDeliveredRecords({ eventSource: 'aws:kafka', records: {} }, source)).toEqual([]);
  });

  it('names a cluster alike in whichever order its brokers are listed', () => {
    const clusters = ['b:9092,a:9092', 'a:9092, b:9092'].map((bootstrapServers) => {
      const event = {
        eventSource: 'SelfManagedKafka',
        bootstrapServers,
        records: { 'orders-eu-3': [RECORD] },
      };
      return toDeliveredRecords(event, source).map(({ record }) => record.origin);
    });
    expect(clusters[0]).toEqual(clusters[1]);
    expect(clusters[0]).toMatchObject([{ cluster: 'a:9092,b:9092' }]);
  });

  it('takes the cluster from the configuration where the event does not name it', () => {
    const event = { eventSource: 'SelfManagedKafka', records: { 'orders-eu-3': [RECORD] } };
    const selfManaged = makeKafkaSource({
      cluster: {
        kind: 'self-managed',
        bootstrapServers: ['b:9092', 'a:9092'],
        auth: { scheme: 'none' },
        rootCaSecret: null,
        vpc: null,
      },
    });
    expect(toDeliveredRecords(event, selfManaged)[0]?.record.origin).toMatchObject({
      cluster: 'a:9092,b:9092',
    });
  });
});

describe('a record', () => {
  it('marks a record without a value as a tombstone, and one with an empty value not', () => {
    expect(deliver({ ...RECORD, value: undefined }).record.origin).toMatchObject({ tombstone: true });
    expect(deliver({ ...RECORD, value: null }).record.origin).toMatchObject({ tombstone: true });
    expect(deliver({ ...RECORD, value: '' }).record.origin).toMatchObject({ tombstone: false });
  });

  it.each([
    ['text', Buffer.from('Ä-1'), { key: 'Ä-1' }],
    ['bytes that are no text', Buffer.from([0xff]), { keyBase64: '/w==' }],
    [
      'text with a NUL, as keys with a schema have',
      Buffer.from('\0\0\0\0\u0001a'),
      { keyBase64: 'AAAAAAFh' },
    ],
  ])('returns the key of a Kafka record: %s', (_what, key, facts) => {
    const { origin, key: bytes } = deliver({ ...RECORD, key: key.toString('base64') }).record;
    expect(origin).toMatchObject(facts);
    expect(Object.keys(origin).filter((name) => name.startsWith('key'))).toEqual(Object.keys(facts));
    expect(bytes).toEqual(key);
  });

  it.each([undefined, null, ''])('returns no key for a Kafka record whose key is %s', (key) => {
    const { record } = deliver({ ...RECORD, key });
    expect(record.key).toBeUndefined();
    expect(Object.keys(record.origin).filter((name) => name.startsWith('key'))).toEqual([]);
  });

  it('keeps signed header bytes, and headers of the same name in their order', () => {
    const headers: readonly object[] = [
      { Trace: [-61, -85] },
      { constructor: [97] },
      { trace: [98] },
      { none: null },
    ];
    const { record } = deliver({ ...RECORD, headers });
    expect(record.headerList?.map(({ name, value }) => [name, Buffer.from(value).toString()])).toEqual([
      ['Trace', 'ë'],
      ['constructor', 'a'],
      ['trace', 'b'],
      ['none', ''],
    ]);
    expect(record.headers).toEqual(
      new Map([
        ['trace', 'b'],
        ['constructor', 'a'],
        ['none', ''],
      ]),
    );
  });

  it.each(['content-type', 'Content-Type', 'contentType'])(
    'finds the content type of a Kafka record in the header %s',
    (name) => {
      const headers = [{ [name]: [...Buffer.from('text/plain')] }];
      expect(deliver({ ...RECORD, headers }).record.contentType).toBe('text/plain');
    },
  );

  it("prefers the record's own topic and partition over its key in the event", () => {
    const { record, partition } = deliver(RECORD, 'elsewhere-01');
    expect(record.origin).toMatchObject({ topic: 'orders-eu', partition: 3 });
    expect(partition).toBe('elsewhere-01');
  });

  it("takes topic and partition from the record's key in the event where it has none, up to the last hyphen", () => {
    const unplaced = { ...RECORD, topic: undefined, partition: undefined };
    const { origin, defect } = deliver(unplaced, 'orders-eu-3').record;
    expect(origin).toMatchObject({ topic: 'orders-eu', partition: 3 });
    expect(defect).toBeUndefined();
  });

  it('accepts a record without headers and timestamp', () => {
    const bare = { ...RECORD, headers: undefined, timestamp: undefined };
    const { origin, defect, headerList } = deliver(bare).record;
    expect({ origin, defect, headerList }).toMatchObject({
      origin: { timestampEpochMs: -1 },
      defect: undefined,
      headerList: [],
    });
  });

  it.each<[string, unknown, RegExp, number | null]>([
    ['null', null, /offset is missing/, null],
    ['a text', 'record', /offset is missing/, null],
    ['without an offset', { ...RECORD, offset: undefined }, /offset is missing/, null],
    [
      'with an offset below zero',
      { ...RECORD, offset: -1 },
      /offset is missing, or not a whole number/,
      null,
    ],
    ['with a broken offset', { ...RECORD, offset: 1.5 }, /offset/, null],
    ['with an offset that is a text', { ...RECORD, offset: '7' }, /offset/, null],
    ['with an offset beyond what is exact', { ...RECORD, offset: 2 ** 53 }, /offset/, null],
    ['with a partition below zero', { ...RECORD, partition: -1 }, /partition/, 7],
    ['with a topic that cannot be one', { ...RECORD, topic: 'a\0b' }, /topic/, 7],
    ['with a topic that is a number', { ...RECORD, topic: 5 }, /topic/, 7],
    ['with a value that is not base64', { ...RECORD, value: 'e30' }, /value is not base64/, 7],
    ['with a value in base64url', { ...RECORD, value: '-_-_' }, /value is not base64/, 7],
    ['with a value that is JSON', { ...RECORD, value: {} }, /value is not base64/, 7],
    ['with a key that is not base64', { ...RECORD, key: '!' }, /key is not base64/, 7],
    ['with a timestamp that is a text', { ...RECORD, timestamp: 'now' }, /timestamp/, 7],
    ['with headers that are an object', { ...RECORD, headers: { a: [1] } }, /headers/, 7],
    ['with a header that is a text', { ...RECORD, headers: [{ a: 'b' }] }, /headers/, 7],
    ['with a header byte that is none', { ...RECORD, headers: [{ a: [256] }] }, /headers/, 7],
    ['with nothing in its list of headers', { ...RECORD, headers: [null] }, /headers/, 7],
  ])(
    'keeps a malformed Kafka record as it was received, with its problem: %s',
    (_what, raw, problem, offset) => {
      const delivered = deliver(raw);
      expect(delivered).toMatchObject({ partition: 'orders-eu-3', offset });
      expect(delivered.record.defect).toMatchObject({
        code: 'malformed-record',
        detail: expect.stringMatching(problem) as string,
      });
      expect(delivered.record.body).toBe(JSON.stringify(raw));
    },
  );

  it('names everything that is wrong with a Kafka record', () => {
    const { defect } = deliver({ ...RECORD, offset: -1, value: '!', headers: 5 }).record;
    expect(defect?.detail).toMatch(/offset.*; its value.*; its headers/);
  });

  it('gives a record an id of its own even where it has no offset', () => {
    const records = { 'orders-eu-3': [{}, {}, RECORD], 'orders-eu-4': 'no list' };
    const delivered = toDeliveredRecords({ eventSource: 'aws:kafka', records }, source);
    expect(delivered.map(({ record }) => record.recordId)).toEqual([
      'orders-eu-3@?0',
      'orders-eu-3@?1',
      'orders-eu-3@7',
      'orders-eu-4@?0',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { CompiledKafkaSource } from '../../../lib/compiled-config/compiled.ts';
import { decodeKafkaRecord, type KafkaDecoded } from '../../../lib/schema-registry/decode-kafka.ts';
import type { Event } from '../../../lib/event/event.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import { SchemaCache, type LookedUpSchemas } from '../../../lib/schema-registry/schema-cache.ts';
import { makeCompiledConfig, makeKafkaSource } from '../../support/builders/compiled-config.ts';
import { confluentFrame, glueFrame, makeSchema, zigzag } from '../../support/builders/framed-values.ts';
import { InMemorySchemaRegistry } from '../../support/fakes/in-memory-schema-registry.ts';
import { makeReceivedKafkaRecord } from '../../support/builders/make-record.ts';

const { limits } = makeCompiledConfig();
const NO_SCHEMAS: LookedUpSchemas = new Map();
const REGISTRY = { kind: 'confluent', url: 'https://registry.example.com/', authSecret: null } as const;
const AVRO = makeKafkaSource({ format: 'avro', schemaRegistry: REGISTRY });

const registry = new InMemorySchemaRegistry({
  'confluent-id:1': {
    kind: 'schema',
    schema: makeSchema({ text: '"long"', subjects: ['orders-value', 'other'] }),
  },
});
const schemas = await new SchemaCache(registry, 'avro').lookUp(
  [1, 2].map((id) => ({ kind: 'confluent-id', id })),
  1_000,
);

function decode(
  record: ReceivedRecord,
  source: CompiledKafkaSource = makeKafkaSource(),
  lookup: LookedUpSchemas = NO_SCHEMAS,
): KafkaDecoded {
  return decodeKafkaRecord(record, { source, limits, schemas: lookup });
}

function eventOf(decoded: KafkaDecoded): Event {
  if (decoded.kind !== 'events') throw new Error(JSON.stringify(decoded));
  const [event] = decoded.events;
  if (event === undefined) throw new Error('there is no event');
  return event;
}

const codeOf = (decoded: KafkaDecoded): string =>
  decoded.kind === 'rejected' ? decoded.rejection.code : decoded.kind;

const CE = { ce_specversion: '1.0', ce_id: 'e1', ce_source: '/shop', ce_type: 'order.paid' };

describe('a Kafka record', () => {
  it('becomes an event identified by its position when it has no attributes of its own', () => {
    const record = makeReceivedKafkaRecord({ value: '{"total":9007199254740993}', key: 'A-1' });
    expect(eventOf(decode(record))).toEqual({
      id: 'orders-3@7',
      source: 'sluice:orders-topic',
      type: 'test.event',
      time: '2026-09-21T14:13:20.000Z',
      datacontenttype: 'application/json',
      extensions: {},
      data: { kind: 'json', text: '{"total":9007199254740993}', value: { total: 9007199254740993n } },
      origin: record.origin,
      identity: ['kafka', 'b:9092', 'orders', '3', '7'],
      hasTemplateMarker: false,
    });
  });

  it('has no time when it has no timestamp', () => {
    const record = makeReceivedKafkaRecord({ value: '{}', timestampEpochMs: -1 });
    expect(eventOf(decode(record))).not.toHaveProperty('time');
  });

  it.each([
    ['text', 'not JSON', { kind: 'text', text: 'not JSON' }],
    ['binary', '\0not JSON', { kind: 'binary', base64: Buffer.from('\0not JSON').toString('base64') }],
  ] as const)('is %s when that is the format of its source', (format, value, data) => {
    expect(eventOf(decode(makeReceivedKafkaRecord({ value }), makeKafkaSource({ format }))).data).toEqual(
      data,
    );
  });

  it('that is not JSON is rejected with a hint', () => {
    const decoded = decode(makeReceivedKafkaRecord({ value: 'not JSON' }));
    expect(decoded).toMatchObject({
      rejection: { code: 'invalid-json', detail: expect.stringContaining('format: text') as string },
    });
  });

  it('with a defect is rejected for it', () => {
    const defect = { code: 'malformed-record', detail: 'why' } as const;
    expect(decode({ ...makeReceivedKafkaRecord({ value: '{}' }), defect })).toEqual({
      kind: 'rejected',
      rejection: defect,
    });
  });

  it.each([
    [0, 'Confluent'],
    [1, 'Confluent'],
    [3, 'AWS Glue'],
  ])('that begins with %i, as framing does, is rejected with a hint that names %s', (first, vendor) => {
    const record = makeReceivedKafkaRecord({ value: Buffer.from([first, 0, 0, 0, 1, 2]) });
    for (const format of ['auto', 'json', 'cloudevents'] as const) {
      expect(decode(record, makeKafkaSource({ format }))).toMatchObject({
        rejection: { code: 'unexpected-schema-framing', detail: expect.stringContaining(vendor) as string },
      });
    }
    expect(codeOf(decode(record, makeKafkaSource({ format: 'binary' })))).toBe('events');
  });
});

describe('a CloudEvent in a Kafka record', () => {
  it('in binary mode has its attributes in headers, as plain UTF-8', () => {
    const headers = { ...CE, 'ce_subject': 'Ä 100%', 'ce_tenant': 'x', 'content-type': 'application/json' };
    const event = eventOf(decode(makeReceivedKafkaRecord({ value: '{"n":1}', headers })));
    expect(event).toMatchObject({
      id: 'e1',
      source: '/shop',
      type: 'order.paid',
      subject: 'Ä 100%',
      datacontenttype: 'application/json',
      extensions: { tenant: 'x' },
      data: { kind: 'json', text: '{"n":1}' },
      identity: ['cloudevents', '/shop', 'e1'],
    });
  });

  it('in binary mode may have no data without being a tombstone', () => {
    const event = eventOf(decode(makeReceivedKafkaRecord({ value: null, headers: CE })));
    expect(event).toMatchObject({ id: 'e1', data: { kind: 'none' }, origin: { tombstone: false } });
  });

  it('takes the last of headers with the same name', () => {
    const headers = [...Object.entries(CE), ['ce_id', 'e2']] as const;
    expect(eventOf(decode(makeReceivedKafkaRecord({ value: '{}', headers }))).id).toBe('e2');
  });

  it('in binary mode is rejected with every problem of its headers', () => {
    const headers = [
      ...Object.entries(CE),
      ['ce_subject', Buffer.from([0xff])],
      ['ce_datacontenttype', 'x/y'],
    ] as const;
    expect(decode(makeReceivedKafkaRecord({ value: '{}', headers }))).toMatchObject({
      rejection: {
        code: 'invalid-cloudevent',
        detail: expect.stringMatching(/ce_subject is not valid UTF-8; ce_datacontenttype must not/) as string,
      },
    });
  });

  it.each(['application/cloudevents+json', 'Application/CloudEvents+JSON; charset=utf-8'])(
    'in structured mode is the whole value, as %s',
    (contentType) => {
      const value = JSON.stringify({
        specversion: '1.0',
        id: 'e1',
        source: '/shop',
        type: 't',
        data: { n: 1 },
      });
      const record = makeReceivedKafkaRecord({ value, headers: { 'content-type': contentType } });
      expect(eventOf(decode(record))).toMatchObject({ id: 'e1', identity: ['cloudevents', '/shop', 'e1'] });
    },
  );

  it('is rejected in a batch, which the Kafka binding does not have', () => {
    const value = JSON.stringify([{ specversion: '1.0', id: 'e1', source: '/shop', type: 't' }]);
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    expect(codeOf(decode(makeReceivedKafkaRecord({ value, headers })))).toBe('unsupported-content-type');
    expect(
      codeOf(decode(makeReceivedKafkaRecord({ value }), makeKafkaSource({ format: 'cloudevents' }))),
    ).toBe('invalid-cloudevent');
  });
});

describe('a tombstone', () => {
  it.each(['auto', 'json', 'text', 'binary', 'avro'] as const)(
    'is an event whose data is null, in a source with format %s',
    (format) => {
      const event = eventOf(
        decode(makeReceivedKafkaRecord({ value: null, key: 'A-1' }), makeKafkaSource({ format })),
      );
      expect(event).toMatchObject({
        id: 'orders-3@7',
        data: { kind: 'json', text: 'null', value: null },
        origin: { tombstone: true, key: 'A-1' },
      });
    },
  );
});

describe('a value that names its schema', () => {
  const big = zigzag(-(2n ** 63n));

  it('becomes JSON, with the schema in the envelope', () => {
    const event = eventOf(decode(makeReceivedKafkaRecord({ value: confluentFrame(1, big) }), AVRO, schemas));
    expect(event).toMatchObject({
      datacontenttype: 'application/json',
      dataschema: 'https://registry.example.com/schemas/ids/1',
      data: { kind: 'json', text: '-9223372036854775808', value: -(2n ** 63n) },
      origin: { schemaId: '1', schemaSubject: 'orders-value' },
    });
  });

  it('can be the data of a CloudEvent in binary mode, whose own dataschema takes precedence', () => {
    const value = confluentFrame(1, zigzag(5n));
    const headers = {
      ...CE,
      'ce_dataschema': 'https://schemas.example.com/5',
      'content-type': 'application/avro',
    };
    expect(eventOf(decode(makeReceivedKafkaRecord({ value, headers }), AVRO, schemas))).toMatchObject({
      id: 'e1',
      dataschema: 'https://schemas.example.com/5',
      datacontenttype: 'application/json',
      data: { text: '5' },
    });
  });

  it('is not expected in a structured CloudEvent, which has no framing', () => {
    const value = JSON.stringify({ specversion: '1.0', id: 'e1', source: '/shop', type: 't', data: 1 });
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect(eventOf(decode(makeReceivedKafkaRecord({ value, headers }), AVRO, schemas)).id).toBe('e1');
  });

  it.each([
    ['schema-unknown', confluentFrame(2, big)],
    ['schema-id-missing', Buffer.from('{}')],
    ['schema-mismatch', confluentFrame(1, Buffer.alloc(20, 0xff))],
    ['too-large', confluentFrame(1, Buffer.alloc(limits.maxEventBytes))],
  ])('is rejected with the code %s', (code, value) => {
    expect(codeOf(decode(makeReceivedKafkaRecord({ value }), AVRO, schemas))).toBe(code);
  });

  it('is undecided while the registry cannot be reached', async () => {
    const unreachable = new InMemorySchemaRegistry({});
    unreachable.isReachable = false;
    const lookup = await new SchemaCache(unreachable, 'avro').lookUp(
      [{ kind: 'confluent-id', id: 1 }],
      1_000,
    );
    const record = makeReceivedKafkaRecord({ value: confluentFrame(1, big) });
    expect(decode(record, AVRO, lookup)).toMatchObject({
      kind: 'undecided',
      detail: expect.stringContaining('ECONNREFUSED') as string,
    });
    expect(codeOf(decode(record, AVRO, NO_SCHEMAS))).toBe('undecided');
  });

  it('names a schema version of AWS Glue by its id', async () => {
    const versionId = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
    const glue = new InMemorySchemaRegistry({
      [`glue:${versionId}`]: {
        kind: 'schema',
        schema: makeSchema({ type: 'json-schema', text: '{}', subjects: ['orders'] }),
      },
    });
    const lookup = await new SchemaCache(glue, 'json-schema').lookUp([{ kind: 'glue', versionId }], 1_000);
    const source = makeKafkaSource({
      format: 'json-schema',
      schemaRegistry: { kind: 'glue', region: 'eu-west-1' },
    });
    const record = makeReceivedKafkaRecord({ value: glueFrame(versionId, Buffer.from('{"n":1}')) });
    expect(eventOf(decode(record, source, lookup))).toMatchObject({
      dataschema: `urn:uuid:${versionId}`,
      data: { text: '{"n":1}' },
      origin: { schemaId: versionId, schemaSubject: 'orders' },
    });
  });
});

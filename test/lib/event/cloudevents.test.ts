/**
 * The rules of CloudEvents 1.0.2, each shown in the three modes of HTTP: structured, batch and binary. What a
 * header cannot say (a number, null, a member twice) has tables of its own.
 */
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lib/event/decode.ts';
import type { Decoded } from '../../../lib/event/record.ts';
import { makeHttpSource } from '../../support/builders/compiled-config.ts';
import { makeHttpRecord } from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 };
const source = makeHttpSource();

type Attributes = Readonly<Record<string, string>>;

const minimal: Attributes = { specversion: '1.0', id: 'A-1', source: '/orders', type: 'order.paid' };

function decodeStructured(json: string, contentType = 'application/cloudevents+json'): Decoded {
  return decodeRecord(makeHttpRecord({ body: json, contentType }), source, limits);
}

function encodeHeader(value: string): string {
  return value.replaceAll(/[^\x21-\x7e]|["%]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function decodeBinaryMode(attributes: Attributes, body = ''): Decoded {
  const { datacontenttype, ...others } = attributes;
  const headers = Object.fromEntries(
    Object.entries(others).map(([name, value]) => [`ce-${name}`, encodeHeader(value)]),
  );
  const contentType = datacontenttype === undefined ? {} : { contentType: datacontenttype };
  return decodeRecord(makeHttpRecord({ body, headers, ...contentType }), source, limits);
}

const modes: readonly (readonly [string, (attributes: Attributes) => Decoded])[] = [
  ['structured', (attributes) => decodeStructured(JSON.stringify(attributes))],
  [
    'batch',
    (attributes) => decodeStructured(`[${JSON.stringify(attributes)}]`, 'application/cloudevents-batch+json'),
  ],
  ['binary', (attributes) => decodeBinaryMode(attributes)],
];

const valid: readonly (readonly [string, Attributes])[] = [
  ['the required attributes alone', {}],
  [
    'all optional attributes',
    {
      subject: 'orders/1',
      time: '2026-01-31T12:00:00.123456789+01:00',
      dataschema: 'https://example.com/schemas/order',
      datacontenttype: 'application/json; charset=utf-8',
    },
  ],
  ['a relative source', { source: '#fragment' }],
  ['a source with an authority', { source: '//example.com/a%20b?c=d' }],
  ['a URN as source', { source: 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66' }],
  [
    'extensions, also with names longer than 20 characters',
    {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      iodebeziumpostgresqlsourcetable: 'orders',
      a1: '',
    },
  ],
  ['text beyond ASCII', { subject: 'Euro € 😀 "100%"' }],
  ['a name that every object has', { constructor: 'x' }],
];

const invalid: readonly (readonly [string, Attributes, string])[] = [
  ['an unknown version', { specversion: '0.3' }, 'specversion'],
  ['an empty version', { specversion: '' }, 'specversion'],
  ['an empty id', { id: '' }, 'id'],
  ['an empty source', { source: '' }, 'source'],
  ['an empty type', { type: '' }, 'type'],
  ['an empty subject', { subject: '' }, 'subject'],
  ['a source with a space', { source: '/a b' }, 'source'],
  ['a source with a broken percent-encoding', { source: '/a%zz' }, 'source'],
  ['a source beyond ASCII, which only an IRI may be', { source: '/ö' }, 'source'],
  ['an empty dataschema', { dataschema: '' }, 'dataschema'],
  ['a relative dataschema', { dataschema: '/schemas/order' }, 'dataschema'],
  ['a time that is none', { time: 'lunchtime' }, 'time'],
  ['a time without seconds', { time: '2026-01-31T12:00Z' }, 'time'],
  ['a content type that is no media type', { datacontenttype: 'xyz' }, 'datacontenttype'],
  ['a control character', { subject: 'a\u0001b' }, 'subject'],
  ['a delete character', { anyext: 'a\u007fb' }, 'anyext'],
  ['a noncharacter', { subject: 'a\ufdd0b' }, 'subject'],
  ['a noncharacter of a high plane', { subject: 'a\u{1fffe}b' }, 'subject'],
  ['a name with an underscore', { bad_ext: 'x' }, 'bad_ext'],
  ['a name with a dot', { 'bad.ext': 'x' }, 'bad.ext'],
];

describe.each(modes)('a CloudEvent in %s mode', (_mode, decode) => {
  it.each(valid)('may have %s', (_name, attributes) => {
    const decoded = decode({ ...minimal, ...attributes });
    const all: Attributes = { ...minimal, ...attributes };
    const names = Object.keys(all);
    const optional = ['subject', 'time', 'dataschema', 'datacontenttype'].filter((name) =>
      names.includes(name),
    );
    const known = [...Object.keys(minimal), ...optional];
    const pick = (picked: readonly string[]) => Object.fromEntries(picked.map((name) => [name, all[name]]));
    expect(decoded).toEqual({
      kind: 'events',
      events: [
        {
          ...pick(['id', 'source', 'type', ...optional]),
          extensions: pick(names.filter((name) => !known.includes(name))),
          data: { kind: 'none' },
          origin: makeHttpRecord({}).origin,
          identity: ['cloudevents', all['source'], all['id']],
          hasTemplateMarker: false,
        },
      ],
    });
  });

  it.each(invalid)('must not have %s', (_name, attributes, blamed) => {
    const decoded = decode({ ...minimal, ...attributes });
    expect(decoded).toMatchObject({ kind: 'rejected', rejection: { code: 'invalid-cloudevent' } });
    expect(decoded.kind === 'rejected' && decoded.rejection.detail).toContain(blamed);
  });

  it.each(['id', 'source', 'type', 'specversion'])('must have the attribute %s', (name) => {
    const decoded = decode(
      Object.fromEntries(Object.entries(minimal).filter(([attribute]) => attribute !== name)),
    );
    expect(decoded).toMatchObject({ kind: 'rejected', rejection: { code: 'invalid-cloudevent' } });
    expect(decoded.kind === 'rejected' && decoded.rejection.detail).toContain(`${name} is missing`);
  });

  it('is rejected with all of its problems at once', () => {
    const decoded = decode({ specversion: '2.0', id: '', source: '/orders', time: 'now' });
    expect(decoded.kind === 'rejected' && decoded.rejection.detail).toBe(
      'Not a CloudEvent 1.0: specversion is not "1.0", the only version that is read; id is empty; ' +
        'time is not an RFC 3339 timestamp such as 2026-01-31T12:00:00Z; type is missing.',
    );
  });
});

describe('a CloudEvent in JSON', () => {
  const envelope = JSON.stringify(minimal).slice(0, -1);

  it.each([
    [
      'JSON without a content type',
      ',"data":{"b": 1, "a": 9007199254740993}',
      { kind: 'json', text: '{"b": 1, "a": 9007199254740993}', value: { b: 1, a: 9007199254740993n } },
    ],
    ['JSON null, which is not absence', ',"data":null', { kind: 'json', text: 'null', value: null }],
    ['false', ',"data":false', { kind: 'json', text: 'false', value: false }],
    [
      'a JSON string, which is not parsed again',
      ',"datacontenttype":"application/json","data":"{}"',
      { kind: 'json', text: '"{}"', value: '{}' },
    ],
    [
      'a string without a content type, which is JSON',
      ',"data":"x"',
      { kind: 'json', text: '"x"', value: 'x' },
    ],
    [
      'text under another content type',
      ',"datacontenttype":"text/xml","data":"<a/>"',
      { kind: 'text', text: '<a/>' },
    ],
    [
      'an object under another content type',
      ',"datacontenttype":"text/xml","data":{"a":1}',
      { kind: 'json', text: '{"a":1}', value: { a: 1 } },
    ],
    [
      'JSON under a +json type',
      ',"datacontenttype":"application/vnd.x+json; v=1","data":[1]',
      { kind: 'json', text: '[1]', value: [1] },
    ],
    ['bytes', ',"data_base64":"AAEC/w=="', { kind: 'binary', base64: 'AAEC/w==' }],
    [
      'bytes under a JSON type, which stay bytes',
      ',"datacontenttype":"application/json","data_base64":"e30="',
      { kind: 'binary', base64: 'e30=' },
    ],
    ['no bytes', ',"data_base64":""', { kind: 'binary', base64: '' }],
  ])('may carry %s', (_name, members, data) => {
    expect(decodeStructured(`${envelope}${members}}`)).toMatchObject({ kind: 'events', events: [{ data }] });
  });

  it.each([
    ['data and data_base64', ',"data":null,"data_base64":"AA=="', 'invalid-cloudevent'],
    ['data_base64 that is a number', ',"data_base64":1', 'invalid-cloudevent'],
    ['data_base64 that is null', ',"data_base64":null', 'invalid-cloudevent'],
    ['data_base64 with junk', ',"data_base64":"A*=="', 'invalid-cloudevent'],
    ['data_base64 without padding', ',"data_base64":"AA"', 'invalid-cloudevent'],
    ['base64 for URLs', ',"data_base64":"_-8="', 'invalid-cloudevent'],
    ['an extension that is an object', ',"ext":{"a":1}', 'invalid-cloudevent'],
    ['an extension that is an array', ',"ext":[]', 'invalid-cloudevent'],
    ['an extension with a fraction', ',"ext":1.5', 'invalid-cloudevent'],
    ['an extension beyond 32 bits', ',"ext":2147483648', 'invalid-cloudevent'],
    ['an extension beyond 2^53', ',"ext":9007199254740993', 'invalid-cloudevent'],
    ['a subject that is a number', ',"subject":5', 'invalid-cloudevent'],
    ['a member twice', ',"id":"A-2"', 'duplicate-keys'],
    ['a member twice, once in disguise', String.raw`,"i\u0064":"A-2"`, 'duplicate-keys'],
    ['a prototype', ',"__proto__":{"data":1}', 'invalid-cloudevent'],
    ['a capital letter in a name', ',"Ext":"x"', 'invalid-cloudevent'],
  ])('must not have %s', (_name, members, code) => {
    expect(decodeStructured(`${envelope}${members}}`)).toMatchObject({
      kind: 'rejected',
      rejection: { code },
    });
  });

  it('has extensions of all types, and null unsets what it names', () => {
    const members = ',"int":-2147483648,"yes":true,"text":"","gone":null,"subject":null,"time":null';
    expect(decodeStructured(`${envelope}${members}}`)).toMatchObject({
      kind: 'events',
      events: [{ extensions: { int: -2147483648, yes: true, text: '' } }],
    });
  });

  it('is missing what is null and required', () => {
    expect(decodeStructured('{"specversion":"1.0","id":null,"source":"/a","type":"t"}')).toMatchObject({
      kind: 'rejected',
      rejection: { detail: 'Not a CloudEvent 1.0: id is missing.' },
    });
  });

  it.each(['"text"', '1', 'null', '[]'])('is an object and not %s', (json) => {
    expect(decodeStructured(json)).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'invalid-cloudevent' },
    });
  });

  it.each([
    'application/cloudevents+json; charset=UTF-8',
    'Application/CloudEvents+JSON;charset="utf-8"',
    'application/cloudevents+json ;charset=utf8; x=y',
  ])('is known by the content type %s', (contentType) => {
    expect(decodeStructured(JSON.stringify(minimal), contentType)).toMatchObject({ events: [{ id: 'A-1' }] });
  });

  it.each([
    'application/cloudevents',
    'application/cloudevents+xml',
    'application/cloudevents-batch+avro',
    'application/cloudevents+json; charset=utf-16',
  ])('is not read from the content type %s', (contentType) => {
    expect(decodeStructured(JSON.stringify(minimal), contentType)).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'unsupported-content-type' },
    });
  });

  it('never repeats a value that it was sent', () => {
    const secrets = {
      ...minimal,
      'id': '\u0001hunter2',
      'source': 'hunter 2',
      'time': 'hunter2',
      'hunter 2': 'x',
    };
    expect(JSON.stringify(decodeStructured(JSON.stringify(secrets)))).not.toMatch(/hunter/);
  });
});

describe('a batch of CloudEvents', () => {
  const batch = (...events: readonly string[]): Decoded =>
    decodeStructured(`[${events.join(', ')}]`, 'application/cloudevents-batch+json; charset=utf-8');
  const good = JSON.stringify(minimal);

  it('gives each event its index', () => {
    expect(batch(good, good)).toMatchObject({
      kind: 'events',
      events: [{ origin: { index: 0 } }, { origin: { index: 1 } }],
    });
  });

  it('may be empty', () => {
    expect(batch()).toEqual({ kind: 'events', events: [] });
  });

  it('is refused whole, with every event that is to blame', () => {
    const decoded = batch(good, '"text"', good, '{"specversion":"1.0"}', String.raw`{"data":"\u0000"}`);
    expect(decoded).toMatchObject({
      kind: 'rejected',
      index: 1,
      rejection: { code: 'invalid-cloudevent' },
      badEvents: [
        { index: 1, rejection: { code: 'invalid-cloudevent' } },
        { index: 3, rejection: { code: 'invalid-cloudevent' } },
        { index: 4, rejection: { code: 'nul-character' } },
      ],
    });
  });

  it('is an array and nothing else', () => {
    expect(decodeStructured(good, 'application/cloudevents-batch+json')).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'invalid-json' },
    });
  });
});

import fc from 'fast-check';
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CompiledSource, SourceFormat } from '../../../lib/compiled-config/compiled.ts';
import { decodeRecord } from '../../../lib/event/decode.ts';
import type { EventData } from '../../../lib/event/event.ts';
import type { Decoded, ReceivedRecord } from '../../../lib/event/record.ts';
import { makeHttpSource, makeSqsSource } from '../../support/builders/compiled-config.ts';
import { jsonText } from '../../support/builders/json-text.ts';
import { jsonData } from '../../support/builders/make-event.ts';
import { makeHttpRecord, makeSqsRecord } from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 };
const formats: readonly SourceFormat[] = ['auto', 'json', 'cloudevents', 'text', 'binary'];

function decodeHttp(
  record: Partial<Parameters<typeof makeHttpRecord>[0]>,
  format: SourceFormat = 'auto',
): Decoded {
  return decodeRecord(makeHttpRecord(record), makeHttpSource({ format }), limits);
}

function decodeSqs(body: string, format: SourceFormat = 'auto', contentType?: string): Decoded {
  const record = makeSqsRecord({ body, ...(contentType === undefined ? {} : { contentType }) });
  return decodeRecord(record, makeSqsSource({ format }), limits);
}

function dataOf(decoded: Decoded): readonly EventData[] {
  return decoded.kind === 'events' ? decoded.events.map(({ data }) => data) : [];
}

function codeOf(decoded: Decoded): string {
  return decoded.kind === 'rejected' ? decoded.rejection.code : 'events';
}

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

const contentType = fc.option(
  fc.oneof(
    fc.constantFrom(
      'application/json',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
      'text/plain; charset=latin1',
      'image/png',
    ),
    fc.string(),
  ),
  { nil: undefined },
);
const headers = fc.dictionary(
  fc.oneof(
    fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'ce-time', 'content-encoding'),
    fc.string(),
  ),
  fc.string(),
  { maxKeys: 6 },
);
const jsonish = fc.string({
  unit: fc.constantFrom(...Array.from('{}[]",:\\ud80e1 .specversion')),
  maxLength: 80,
});
const body: fc.Arbitrary<Uint8Array | string> = fc.oneof(
  fc.uint8Array(),
  fc.string({ unit: 'binary' }),
  jsonish,
  fc.oneof(jsonText, jsonish).map((text) => Buffer.from(text)),
  jsonText,
);
const record: fc.Arbitrary<ReceivedRecord> = fc
  .record({ body, contentType, headers, overQueue: fc.boolean() })
  .map(({ body: received, contentType: type, headers: names, overQueue }) => {
    const parts = { body: received, headers: names, ...(type === undefined ? {} : { contentType: type }) };
    const make = overQueue ? makeSqsRecord : makeHttpRecord;
    return { ...make(parts), body: received };
  });
const source: fc.Arbitrary<CompiledSource> = fc
  .tuple(fc.constantFrom(...formats), fc.boolean())
  .map(([format, http]) => (http ? makeHttpSource({ format }) : makeSqsSource({ format })));

describe('decodeRecord', () => {
  it('never throws, and returns events with an identity or a rejection with a suggested fix', () => {
    fc.assert(
      fc.property(record, source, (received, from) => {
        const decoded = decodeRecord(received, from, limits);
        if (decoded.kind === 'rejected') expect(decoded.rejection.detail).toMatch(/\.$/);
        else for (const event of decoded.events) expect(event.identity.length).toBeGreaterThan(1);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is deterministic: the same record makes the same events', () => {
    fc.assert(
      fc.property(record, source, (received, from) => {
        expect(decodeRecord(received, from, limits)).toEqual(decodeRecord(received, from, limits));
      }),
    );
  });

  it('keeps any JSON of a queue message, byte for byte', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(dataOf(decodeSqs(text, 'json'))).toEqual([jsonData(text)]);
      }),
    );
  });

  it('keeps any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (received) => {
        expect(dataOf(decodeHttp({ body: received }, 'binary'))).toEqual([
          { kind: 'binary', base64: Buffer.from(received).toString('base64') },
        ]);
      }),
    );
  });

  it('makes one event of each element of a JSON array in a request, each as written', () => {
    fc.assert(
      fc.property(fc.array(jsonText, { maxLength: 5 }), (texts) => {
        const decoded = decodeHttp({ body: `[${texts.join(',')}]`, contentType: 'application/json' });
        expect(dataOf(decoded)).toEqual(texts.map(jsonData));
      }),
    );
  });
});

describe('an event that brings no CloudEvents attributes', () => {
  const body = '{"orderId":"A-1"}';
  const digest = `sha256-${hash('sha256', body, 'base64url')}`;

  it('is given those of its request', () => {
    expect(decodeHttp({ body, contentType: 'application/json' })).toEqual({
      kind: 'events',
      events: [
        {
          id: digest,
          source: 'sluice:orders-hook',
          type: 'test.event',
          time: '2026-09-21T14:13:20.000Z',
          datacontenttype: 'application/json',
          extensions: {},
          data: { kind: 'json', text: body, value: { orderId: 'A-1' } },
          origin: makeHttpRecord({}).origin,
          identity: ['cloudevents', 'sluice:orders-hook', digest],
          hasTemplateMarker: false,
        },
      ],
    });
  });

  it('is given those of its message', () => {
    expect(decodeSqs(body)).toEqual({
      kind: 'events',
      events: [
        {
          id: 'message-1',
          source: 'sluice:jobs',
          type: 'test.event',
          time: '2026-09-21T14:13:20.000Z',
          datacontenttype: 'application/json',
          extensions: {},
          data: { kind: 'json', text: body, value: { orderId: 'A-1' } },
          origin: makeSqsRecord({}).origin,
          identity: ['sqs', 'arn:aws:sqs:eu-west-1:123456789012:jobs', 'message-1'],
          hasTemplateMarker: false,
        },
      ],
    });
  });

  it('is another one than its equal neighbor in an array, and the same when the array is sent again', () => {
    const idsOf = (decoded: Decoded) => (decoded.kind === 'events' ? decoded.events.map(({ id }) => id) : []);
    const first = idsOf(decodeHttp({ body: '[1,1]', contentType: 'application/json' }));
    expect(new Set(first).size).toBe(2);
    expect(idsOf(decodeHttp({ body: '[1,1]', contentType: 'application/json' }))).toEqual(first);
  });

  it('has no time when its source knows none', () => {
    const origin = { kind: 'sqs', messageId: 'm', queueArn: 'q', sentAtEpochMs: Number.NaN } as const;
    const decoded = decodeRecord(makeSqsRecord({ origin }), makeSqsSource(), limits);
    expect(decoded.kind === 'events' && decoded.events[0]).not.toHaveProperty('time');
  });
});

describe('the format of a source', () => {
  const cloudEvent = '{"specversion":"1.0","id":"1","source":"/a","type":"t","data":[1]}';

  it.each<[SourceFormat, string | undefined, string, readonly EventData[] | string]>([
    ['auto', 'application/json', '{"a":1}', [{ kind: 'json', text: '{"a":1}', value: { a: 1 } }]],
    ['auto', 'application/vnd.order+json', '1', [{ kind: 'json', text: '1', value: 1 }]],
    ['auto', 'application/json', cloudEvent, [jsonData(cloudEvent)]],
    ['auto', 'application/json', '[]', []],
    ['auto', 'application/cloudevents+json', cloudEvent, [{ kind: 'json', text: '[1]', value: [1] }]],
    ['auto', 'text/csv; charset=utf-8', 'ä,b', [{ kind: 'text', text: 'ä,b' }]],
    ['auto', 'text/plain; charset=latin1', 'ab', [{ kind: 'binary', base64: 'YWI=' }]],
    ['auto', 'application/xml', '<a/>', [{ kind: 'text', text: '<a/>' }]],
    ['auto', 'image/png', 'ab', [{ kind: 'binary', base64: 'YWI=' }]],
    ['auto', undefined, '{}', [{ kind: 'binary', base64: 'e30=' }]],
    ['auto', 'application/json; charset=latin1', '{}', 'unsupported-content-type'],
    ['auto', 'json', '{}', 'unsupported-content-type'],
    ['json', 'text/plain', '{}', [jsonData('{}')]],
    ['json', undefined, '{}', [jsonData('{}')]],
    ['json', 'application/cloudevents+json', cloudEvent, [jsonData(cloudEvent)]],
    ['json', 'application/json', 'hello', 'invalid-json'],
    ['cloudevents', 'application/json', cloudEvent, [jsonData('[1]')]],
    ['cloudevents', undefined, cloudEvent, [jsonData('[1]')]],
    ['cloudevents', 'application/json', ` [${cloudEvent}]`, [jsonData('[1]')]],
    ['cloudevents', 'application/json', '{}', 'invalid-cloudevent'],
    ['cloudevents', 'text/plain', cloudEvent, 'unsupported-content-type'],
    ['text', 'application/json', '{}', [{ kind: 'text', text: '{}' }]],
    ['text', undefined, '\uFEFFa', [{ kind: 'text', text: '\uFEFFa' }]],
    ['binary', 'application/json', '{}', [{ kind: 'binary', base64: 'e30=' }]],
  ])('%s reads a request of type %s with the body %s', (format, type, body, expected) => {
    const decoded = decodeHttp({ body, ...(type === undefined ? {} : { contentType: type }) }, format);
    if (typeof expected === 'string') expect(codeOf(decoded)).toBe(expected);
    else expect(dataOf(decoded)).toEqual(expected);
  });

  it.each<[SourceFormat, string | undefined, string, readonly EventData[] | string]>([
    ['auto', undefined, '{"a":1}', [jsonData('{"a":1}')]],
    ['auto', undefined, '[1,2]', [jsonData('[1,2]')]],
    ['auto', undefined, cloudEvent, [jsonData('[1]')]],
    ['auto', undefined, '{"specversion":"1.0"}', 'invalid-cloudevent'],
    ['auto', undefined, '{"data":{"specversion":"1.0"}}', [jsonData('{"data":{"specversion":"1.0"}}')]],
    ['auto', undefined, 'hello', 'invalid-json'],
    ['auto', 'application/cloudevents+json', cloudEvent, [jsonData('[1]')]],
    ['auto', 'application/json', cloudEvent, [jsonData(cloudEvent)]],
    ['auto', 'text/plain', 'hello', [{ kind: 'text', text: 'hello' }]],
    ['auto', 'application/x-yaml', 'a: b', [{ kind: 'text', text: 'a: b' }]],
    ['cloudevents', undefined, cloudEvent, [jsonData('[1]')]],
    ['cloudevents', undefined, '{"a":1}', 'invalid-cloudevent'],
    ['text', undefined, 'hello', [{ kind: 'text', text: 'hello' }]],
    ['binary', undefined, 'hé', [{ kind: 'binary', base64: 'aMOp' }]],
  ])('%s reads a message of type %s with the body %s', (format, type, body, expected) => {
    const decoded = decodeSqs(body, format, type);
    if (typeof expected === 'string') expect(codeOf(decoded)).toBe(expected);
    else expect(dataOf(decoded)).toEqual(expected);
  });

  it('is part of the suggested fix when a queue contains text', () => {
    expect(decodeSqs('hello')).toMatchObject({
      rejection: { detail: 'This is not JSON (RFC 8259). If it is meant to be text, set format: text.' },
    });
  });

  it('names a datacontenttype that fits the data', () => {
    const typeOf = (decoded: Decoded) => decoded.kind === 'events' && decoded.events[0]?.datacontenttype;
    expect(typeOf(decodeHttp({ body: '{}', contentType: 'text/plain' }, 'json'))).toBe('application/json');
    expect(typeOf(decodeHttp({ body: 'a', contentType: 'application/json' }, 'text'))).toBe(
      'text/plain; charset=UTF-8',
    );
    expect(typeOf(decodeHttp({ body: 'a', contentType: 'text/csv' }))).toBe('text/csv');
    expect(typeOf(decodeHttp({ body: 'a' }))).toBe('application/octet-stream');
  });
});

describe('a CloudEvent in binary mode', () => {
  const attributes = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't' };

  it.each<[string | undefined, Uint8Array | string, EventData]>([
    ['application/json', '{"n":9007199254740993}', jsonData('{"n":9007199254740993}')],
    ['application/json', '[1]', jsonData('[1]')],
    ['text/plain', 'ä', { kind: 'text', text: 'ä' }],
    ['text/plain; charset=latin1', bytes(0xe4), { kind: 'binary', base64: '5A==' }],
    ['image/png', bytes(0, 255), { kind: 'binary', base64: 'AP8=' }],
    [undefined, '{}', { kind: 'binary', base64: 'e30=' }],
    ['application/json', '', { kind: 'none' }],
  ])('carries data of type %s', (type, received, data) => {
    const decoded = decodeHttp({
      body: received,
      headers: attributes,
      ...(type === undefined ? {} : { contentType: type }),
    });
    expect(decoded).toMatchObject({
      kind: 'events',
      events: [{ id: '1', data, identity: ['cloudevents', '/a', '1'] }],
    });
  });

  it('is not looked for where the source says that everything is JSON', () => {
    const decoded = decodeHttp({ body: '{}', headers: attributes, contentType: 'application/json' }, 'json');
    expect(decoded).toMatchObject({ events: [{ source: 'sluice:orders-hook' }] });
  });
});

describe('hostile input', () => {
  const json = { contentType: 'application/json' };

  it.each<[string, Parameters<typeof decodeHttp>[0], string]>([
    ['nothing at all', { body: '', ...json }, 'empty-body'],
    ['invalid UTF-8', { body: bytes(0x22, 0xff, 0x22), ...json }, 'invalid-utf8'],
    ['an overlong encoding', { body: bytes(0x22, 0xc0, 0xa0, 0x22), ...json }, 'invalid-utf8'],
    ['an encoded surrogate', { body: bytes(0x22, 0xed, 0xa0, 0x80, 0x22), ...json }, 'invalid-utf8'],
    ['text that is not UTF-8', { body: bytes(0xe4), contentType: 'text/plain' }, 'invalid-utf8'],
    ['a NUL in JSON', { body: String.raw`{"a":"\u0000"}`, ...json }, 'nul-character'],
    ['a NUL in text', { body: 'a\0b', contentType: 'text/plain' }, 'nul-character'],
    ['a lone surrogate', { body: String.raw`"\udead"`, ...json }, 'lone-surrogate'],
    ['65 levels', { body: '{"a":'.repeat(65) + '1' + '}'.repeat(65), ...json }, 'too-deep'],
    ['a million levels', { body: '{"a":'.repeat(40_000), ...json }, 'too-deep'],
    [
      'too many keys',
      { body: `{${Array.from({ length: 10_001 }, (_, n) => `"k${n}":1`).join(',')}}`, ...json },
      'too-many-keys',
    ],
    ['too many bytes', { body: JSON.stringify('x'.repeat(262_143)), ...json }, 'too-large'],
    ['1e400', { body: '{"a":1e400}', ...json }, 'number-out-of-range'],
    ['an integer of 5,000 digits', { body: '1'.repeat(5000), ...json }, 'number-out-of-range'],
    [
      'a compressed body',
      { body: bytes(0x1f, 0x8b), headers: { 'content-encoding': 'gzip' }, ...json },
      'unsupported-content-encoding',
    ],
  ])('%s is rejected by its code', (_name, received, code) => {
    expect(codeOf(decodeHttp(received))).toBe(code);
  });

  it('is distinguished from its neighbors in an array', () => {
    expect(decodeHttp({ body: String.raw`[1,"\u0000",1e400,[2]]`, ...json })).toMatchObject({
      kind: 'rejected',
      index: 1,
      badEvents: [
        { index: 1, rejection: { code: 'nul-character' } },
        { index: 2, rejection: { code: 'number-out-of-range' } },
      ],
    });
  });

  it('may be as deep inside a CloudEvent as outside', () => {
    const nested = '['.repeat(64) + ']'.repeat(64);
    const event = (data: string): string =>
      `{"specversion":"1.0","id":"1","source":"/a","type":"t","data":${data}}`;
    expect(codeOf(decodeSqs(nested))).toBe('events');
    expect(codeOf(decodeSqs(event(nested)))).toBe('events');
    expect(codeOf(decodeSqs(event(`[${nested}]`)))).toBe('too-deep');
  });

  it('keeps the template marker for the route to decide about', () => {
    const marked = '{"a":[{"__prefect_kind":"jinja","template":"{{ 1 }}"}]}';
    expect(decodeSqs(marked)).toMatchObject({ events: [{ hasTemplateMarker: true }] });
    expect(decodeSqs(marked, 'text')).toMatchObject({ events: [{ hasTemplateMarker: false }] });
    expect(decodeSqs('{"a":"__prefect_kind"}')).toMatchObject({ events: [{ hasTemplateMarker: false }] });
  });

  it('takes identity as the only encoding', () => {
    const received = { body: '{}', headers: { 'content-encoding': 'Identity' }, ...json };
    expect(codeOf(decodeHttp(received))).toBe('events');
  });
});

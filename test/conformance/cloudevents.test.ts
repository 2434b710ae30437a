/**
 * CloudEvents 1.0.2, sentence by sentence: what its text demands of a receiver over HTTP, in the three content modes.
 * Titles quote the specification (https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents): spec.md,
 * bindings/http-protocol-binding.md and formats/json-format.md. Where it only says SHOULD or MAY, the title says what
 * Sluice does.
 */
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../lib/event/decode.ts';
import type { Event } from '../../lib/event/event.ts';
import type { Decoded } from '../../lib/event/record.ts';
import { makeHttpSource } from '../support/builders/compiled-config.ts';
import { jsonData, textData } from '../support/builders/make-event.ts';
import { makeHttpRecord } from '../support/builders/make-record.ts';

type Attributes = Readonly<Record<string, string | undefined>>;
type Mode = 'binary' | 'structured' | 'batched';

const MODES: readonly Mode[] = ['binary', 'structured', 'batched'];
const REQUIRED: Attributes = { specversion: '1.0', id: '1', source: '/a', type: 't' };
const limits = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 };

function post(
  contentType: string | undefined,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Decoded {
  const record = makeHttpRecord({ body, headers, ...(contentType !== undefined && { contentType }) });
  return decodeRecord(record, makeHttpSource(), limits);
}

/** Binding, section 3.1.3.2. */
function percentEncoded(value: string): string {
  return Array.from(value)
    .map((character) => (/^[!#$&-~]$/.test(character) ? character : encodeURIComponent(character)))
    .join('');
}

/** The same attributes in each mode; `undefined` leaves one out. The data is {}. */
function postAttributes(mode: Mode, attributes: Attributes): Decoded {
  const present = Object.entries({ ...REQUIRED, ...attributes }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const structured = JSON.stringify({ ...Object.fromEntries(present), data: {} });
  switch (mode) {
    case 'binary': {
      const named = present.filter(([name]) => name !== 'datacontenttype');
      const headers = Object.fromEntries(named.map(([name, value]) => [`ce-${name}`, percentEncoded(value)]));
      return post(attributes['datacontenttype'] ?? 'application/json', '{}', headers);
    }
    case 'structured':
      return post('application/cloudevents+json', structured);
    case 'batched':
      return post('application/cloudevents-batch+json', `[${structured}]`);
  }
}

/** One event in structured mode, from the text of its members. */
function postMembers(members: string): Decoded {
  const attributes = '"specversion":"1.0","id":"1","source":"/a","type":"t"';
  return post('application/cloudevents+json', `{${attributes}${members === '' ? '' : ','}${members}}`);
}

/** One event in binary mode, with these header values as they are. */
function postHeaders(headers: Readonly<Record<string, string>>, contentType?: string, body = '{}'): Decoded {
  const required = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't' };
  return post(contentType ?? 'application/json', body, { ...required, ...headers });
}

function eventOf(decoded: Decoded): Event {
  if (decoded.kind === 'rejected') throw new Error(decoded.rejection.detail);
  const [event, ...more] = decoded.events;
  if (event === undefined || more.length > 0) throw new Error('not one event');
  return event;
}

function expectRefused(decoded: Decoded, code = 'invalid-cloudevent'): void {
  expect(decoded).toMatchObject({ kind: 'rejected', rejection: { code } });
}

describe.each(MODES)('context attributes in %s mode', (mode) => {
  const accepts = (attributes: Attributes): Event => eventOf(postAttributes(mode, attributes));
  const refuses = (attributes: Attributes): void => {
    expectRefused(postAttributes(mode, attributes));
  };

  it('"The following attributes are REQUIRED to be present in all CloudEvents": they are enough', () => {
    expect(accepts({})).toMatchObject({ id: '1', source: '/a', type: 't', extensions: {} });
  });

  it.each(['id', 'source', 'specversion', 'type'])(
    '"The following attributes are REQUIRED to be present in all CloudEvents": without %s it is none',
    (name) => {
      refuses({ [name]: undefined });
    },
  );

  it.each(['id', 'source', 'specversion', 'type'])('%s "MUST be a non-empty string"', (name) => {
    refuses({ [name]: '' });
  });

  it.each(['0.3', '1', '1.0.2', '1.1', '2.0', 'v1.0'])(
    'producers "MUST use a value of `1.0` when referring to this version": %s is another one',
    (specversion) => {
      refuses({ specversion });
    },
  );

  it.each([
    'https://github.com/cloudevents',
    'mailto:cncf-wg-serverless@lists.cncf.io',
    'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
    '/cloudevents/spec/pull/123',
    '1-555-123-4567',
    '#fragment',
    'a%20b',
  ])('source "MUST be a non-empty URI-reference": %s is one', (source) => {
    expect(accepts({ source }).source).toBe(source);
  });

  it.each(['a b', 'a%2', 'ä', 'a\\b', '<a>', 'a"b'])(
    'source "MUST be a non-empty URI-reference": %s is none',
    (source) => {
      refuses({ source });
    },
  );

  it('"Consumers MAY assume that Events with identical source and id are duplicates": Sluice does', () => {
    expect(accepts({ id: 'x', time: '2026-01-31T12:00:00Z' }).identity).toEqual(
      accepts({ id: 'x' }).identity,
    );
    expect(accepts({ id: 'x' }).identity).not.toEqual(accepts({ id: 'X' }).identity);
    expect(accepts({ source: '/A' }).identity).not.toEqual(accepts({}).identity);
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'application/vnd.acme+json;v="1;2"'])(
    'datacontenttype "MUST adhere to the format specified in RFC 2046": %s does',
    (datacontenttype) => {
      expect(accepts({ datacontenttype }).datacontenttype).toBe(datacontenttype);
    },
  );

  it('dataschema "MUST be a non-empty URI": an absolute one is taken', () => {
    const dataschema = 'https://example.com/schema.json';
    expect(accepts({ dataschema }).dataschema).toBe(dataschema);
  });

  it.each(['', '/relative', 'no uri', 'https:'])(
    'dataschema "MUST be a non-empty URI": "%s" is no absolute one',
    (dataschema) => {
      refuses({ dataschema });
    },
  );

  it('subject "MUST be a non-empty string"', () => {
    expect(accepts({ subject: 'mynewfile.jpg' }).subject).toBe('mynewfile.jpg');
    refuses({ subject: '' });
  });

  it.each([
    '2018-04-05T17:31:00Z',
    '1985-04-12t23:20:50.52z',
    '1996-12-19T16:39:57-08:00',
    '1990-12-31T23:59:60Z',
  ])('time "MUST adhere to the format specified in RFC 3339": %s does', (time) => {
    expect(accepts({ time }).time).toBe(time);
  });

  it.each([
    '2018-04-05',
    '2018-04-05 17:31:00Z',
    '2018-04-05T17:31:00',
    '2018-02-30T00:00:00Z',
    '1522949460',
    '',
  ])('time "MUST adhere to the format specified in RFC 3339": "%s" does not', (time) => {
    refuses({ time });
  });

  it('"attribute names MUST consist of lower-case letters (a to z) or digits (0 to 9)": these do', () => {
    expect(accepts({ comexampleextension1: 'value', 7: 'x' }).extensions).toEqual({
      comexampleextension1: 'value',
      7: 'x',
    });
  });

  it.each(['my-ext', 'my_ext', 'my.ext', 'éxt'])(
    '"attribute names MUST consist of lower-case letters (a to z) or digits (0 to 9)": %s does not',
    (name) => {
      refuses({ [name]: 'x' });
    },
  );

  it('"Attribute names […] SHOULD NOT exceed 20 characters": longer ones are taken, since known senders send them', () => {
    const name = 'iodebeziumpostgresbefore'.padEnd(31, 'x');
    expect(accepts({ [name]: 'x' }).extensions).toEqual({ [name]: 'x' });
  });

  it('"Euro € 😀": a String is any allowable Unicode characters', () => {
    expect(accepts({ subject: 'Euro € 😀', ext: '"%41" \\' })).toMatchObject({
      subject: 'Euro € 😀',
      extensions: { ext: '"%41" \\' },
    });
  });

  it.each([
    ['U+0001', '\u0001'],
    ['U+001F', '\u001f'],
    ['U+007F', '\u007f'],
    ['U+009F', '\u009f'],
    ['U+FFFE', '\ufffe'],
    ['U+1FFFF', '\u{1ffff}'],
    ['U+FDD0', '\ufdd0'],
  ])('"The following characters are disallowed" in a String: %s', (_name, character) => {
    refuses({ subject: `a${character}` });
    refuses({ ext: character });
  });
});

describe('binary content mode', () => {
  it('"Content-Type header value […] MUST be populated from or written to the datacontenttype attribute"', () => {
    expect(eventOf(postHeaders({}, 'application/xml', '<a/>'))).toMatchObject({
      datacontenttype: 'application/xml',
      data: textData('<a/>'),
    });
  });

  it('"a `ce-datacontenttype` HTTP header MUST NOT also be present in the message"', () => {
    expectRefused(postHeaders({ 'ce-datacontenttype': 'application/json' }));
  });

  it('"The data byte-sequence is used as the HTTP message body"', () => {
    expect(eventOf(postHeaders({}, 'application/octet-stream', '\0')).data).toEqual({
      kind: 'binary',
      base64: 'AA==',
    });
    expect(eventOf(postHeaders({}, 'application/json', '{"a": 1.10}')).data).toEqual(jsonData('{"a": 1.10}'));
  });

  it('a message without a body is an event without data', () => {
    expect(eventOf(postHeaders({}, 'application/json', '')).data).toEqual({ kind: 'none' });
  });

  it('data that is not what Content-Type declares is refused', () => {
    expectRefused(postHeaders({}, 'application/json', '{'), 'invalid-json');
  });

  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%e2%82%ac', '€'],
    ['%41', 'A'],
    ['%2541', '%41'],
    ['"quoted value"', 'quoted value'],
    [String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ['"%20"', ' '],
    ['a"b c"d', 'ab cd'],
  ])(
    '"unescaped with respect to double-quoted strings", then "a single round of percent-decoding": %s',
    (value, ext) => {
      expect(eventOf(postHeaders({ 'ce-ext': value })).extensions).toEqual({ ext });
    },
  );

  it.each(['%C0%A0', '%ED%A0%80', '%FF', '%E2%82', '100%', '%zz', '"no end'])(
    '"encoded byte sequences which are invalid in UTF-8 MUST be rejected": %s',
    (value) => {
      expectRefused(postHeaders({ 'ce-ext': value }));
    },
  );

  it('"it would be reasonable for a receiver to assume […] it\'s probably a CloudEvent": one required attribute is claim enough', () => {
    expectRefused(post('application/json', '{}', { 'ce-id': '1' }));
    expect(eventOf(post('application/json', '{}', { 'ce-custom': '1' })).type).toBe('test.event');
  });
});

describe('structured content mode', () => {
  it.each([
    'application/cloudevents+json',
    'application/cloudevents+json; charset=UTF-8',
    'application/cloudevents+json;charset=utf-8',
    'Application/CloudEvents+JSON',
  ])(
    '"If the value is prefixed with the CloudEvents media type […] the receiver uses structured mode": %s',
    (type) => {
      expect(eventOf(post(type, JSON.stringify(REQUIRED))).identity).toEqual(['cloudevents', '/a', '1']);
    },
  );

  it.each(['application/cloudevents+avro', 'application/cloudevents+xml', 'application/cloudevents'])(
    'an "event format that it cannot handle": %s is refused with what can be handled',
    (type) => {
      expectRefused(post(type, '{}'), 'unsupported-content-type');
    },
  );

  it('"All CloudEvents metadata attributes MUST be mapped into the payload, even if they are also mapped into HTTP headers": headers do not count', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't' };
    expectRefused(post('application/cloudevents+json', '{}', headers));
    const body = JSON.stringify({ ...REQUIRED, id: '2' });
    expect(eventOf(post('application/cloudevents+json', body, headers)).id).toBe('2');
  });

  it.each(['[]', '1', '"a"', 'null'])(
    '"Each CloudEvents event can be wholly represented as a JSON object": %s is none',
    (body) => {
      expectRefused(post('application/cloudevents+json', body));
    },
  );

  it.each(['{', '{"id":1,}', '', '{} {}'])('invalid JSON is refused: %s', (body) => {
    expectRefused(post('application/cloudevents+json', body), body === '' ? 'empty-body' : 'invalid-json');
  });

  it('"Each context attribute MUST only appear at most once in a CloudEvent"', () => {
    expectRefused(postMembers('"ext":"a","ext":"b"'), 'duplicate-keys');
    expectRefused(postMembers('"id":"2"'), 'duplicate-keys');
    expectRefused(postMembers(String.raw`"\u0069d":"2"`), 'duplicate-keys');
  });

  it('"when […] a null value is encountered, it MUST be treated as the equivalent of unset or omitted"', () => {
    const event = eventOf(postMembers('"subject":null,"time":null,"unsetextension":null'));
    expect([event.subject, event.time, event.extensions]).toEqual([undefined, undefined, {}]);
    expectRefused(
      post('application/cloudevents+json', '{"specversion":"1.0","id":null,"source":"/a","type":"t"}'),
    );
  });

  it.each([
    ['true', true],
    ['false', false],
    ['0', 0],
    ['-2147483648', -2_147_483_648],
    ['2147483647', 2_147_483_647],
    ['"text"', 'text'],
    ['""', ''],
  ])('"The CloudEvents type system MUST be mapped to JSON types": the extension %s', (text, ext) => {
    expect(eventOf(postMembers(`"ext":${text}`)).extensions).toEqual({ ext });
  });

  it.each(['2147483648', '-2147483649', '9007199254740993', '1.5', '1.0', '1e2', '1E0', '-0.0'])(
    'Integer: "only the integer component optionally prefixed with a minus sign is permitted", in 32 bits: not %s',
    (text) => {
      expectRefused(postMembers(`"ext":${text}`));
    },
  );

  it.each(['{}', '[]', '["a"]', '{"a":1}'])(
    '"All context attribute values MUST be of one of the types listed above": not %s',
    (text) => {
      expectRefused(postMembers(`"ext":${text}`));
    },
  );

  it.each(['id', 'source', 'type', 'specversion'])('%s is a String, also where a number would do', (name) => {
    const event = { ...REQUIRED, [name]: 1 };
    expectRefused(post('application/cloudevents+json', JSON.stringify(event)));
  });

  it('"the presence of the `data` and `data_base64` members is mutually exclusive"', () => {
    expectRefused(postMembers('"data":1,"data_base64":"AA=="'));
    expectRefused(postMembers('"data":null,"data_base64":"AA=="'));
  });

  it('"the presence of the `data_base64` member clearly indicates that the value is Base64 encoded binary data"', () => {
    expect(eventOf(postMembers('"data_base64":"AP8="')).data).toEqual({ kind: 'binary', base64: 'AP8=' });
    for (const bad of ['"A"', '"AP8"', '"A P8="', '"-_8="', '1', 'null', '{}']) {
      expectRefused(postMembers(`"data_base64":${bad}`));
    }
  });

  it('"`data` MAY have a value of null, representing an explicit null payload as distinct from the absence"', () => {
    expect(eventOf(postMembers('"data":null')).data).toEqual(jsonData('null'));
    expect(eventOf(postMembers('')).data).toEqual({ kind: 'none' });
  });

  it.each(['0', 'false', '""', '[]', '{"b": 1, "a": 2}', '9007199254740993', '1.10'])(
    '`data` "MAY contain any valid JSON if the datacontenttype declares the data to be JSON-formatted": %s',
    (text) => {
      expect(eventOf(postMembers(`"datacontenttype":"application/json","data":${text}`)).data).toEqual(
        jsonData(text),
      );
      expect(eventOf(postMembers(`"data":${text}`)).data).toEqual(jsonData(text));
    },
  );

  it('a string in `data`: a deserializer "MUST NOT further deserialize the string as a JSON document"', () => {
    const text = String.raw`"{\"a\":1}"`;
    for (const type of ['application/json', 'text/json', 'application/vnd.acme+json;v=1']) {
      expect(eventOf(postMembers(`"datacontenttype":"${type}","data":${text}`)).data).toEqual(jsonData(text));
    }
    expect(eventOf(postMembers(`"data":${text}`)).data).toEqual(jsonData(text));
  });

  it('"If the datacontenttype does not declare JSON-formatted data content, then the data member SHOULD be treated as an encoded content string"', () => {
    expect(eventOf(postMembers('"datacontenttype":"application/xml","data":"<a/>"')).data).toEqual(
      textData('<a/>'),
    );
  });

  it('"if the `datacontenttype` attribute is absent, a JSON deserializer SHOULD proceed as if it were set to application/json"', () => {
    expect(eventOf(postMembers(`"data":"I'm just a string"`)).data).toEqual(jsonData(`"I'm just a string"`));
  });

  it('names that only JavaScript knows are names as others are: they break the naming rule', () => {
    expectRefused(postMembers('"__proto__":{"id":"2"}'));
    expect(eventOf(postMembers('"constructor":"x"')).extensions).toEqual({ constructor: 'x' });
  });
});

describe('batched content mode', () => {
  const batch = (...events: readonly object[]): Decoded =>
    post('application/cloudevents-batch+json; charset=UTF-8', JSON.stringify(events));

  it('"If the value is prefixed with `application/cloudevents-batch`, the receiver uses the batched mode"', () => {
    const decoded = batch(REQUIRED, { ...REQUIRED, id: '2' });
    expect(decoded.kind === 'events' && decoded.events.map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('"The batch MAY be empty"', () => {
    expect(batch()).toEqual({ kind: 'events', events: [] });
  });

  it('"All batched CloudEvents MUST have the same `specversion` attribute": there is only one', () => {
    expect(batch(REQUIRED, { ...REQUIRED, specversion: '0.3' })).toMatchObject({
      kind: 'rejected',
      badEvents: [{ index: 1 }],
    });
  });

  it('"Other attributes MAY differ, including the `datacontenttype` attribute"', () => {
    const xml = { ...REQUIRED, id: '2', source: '/b', datacontenttype: 'application/xml', data: '<a/>' };
    const decoded = batch({ ...REQUIRED, data: 1 }, xml);
    expect(decoded.kind === 'events' && decoded.events.map(({ data }) => data.kind)).toEqual([
      'json',
      'text',
    ]);
  });

  it('one bad event refuses the batch as a whole, and every bad one is named', () => {
    expect(batch(REQUIRED, {}, REQUIRED, { ...REQUIRED, time: 'now' })).toMatchObject({
      kind: 'rejected',
      index: 1,
      badEvents: [
        { index: 1, rejection: { code: 'invalid-cloudevent' } },
        { index: 3, rejection: { code: 'invalid-cloudevent' } },
      ],
    });
  });

  it('"The outermost JSON element is a JSON Array"', () => {
    expectRefused(post('application/cloudevents-batch+json', JSON.stringify(REQUIRED)), 'invalid-json');
  });

  it('"The JSON Batch Format MUST NOT be used when only support for the JSON Format is indicated": an array is not an event', () => {
    expectRefused(post('application/cloudevents+json', JSON.stringify([REQUIRED])));
  });

  it('"an XML batch" is an event format that is not handled', () => {
    expectRefused(post('application/cloudevents-batch+xml', '<a/>'), 'unsupported-content-type');
  });
});

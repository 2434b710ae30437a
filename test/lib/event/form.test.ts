import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../../lib/event/decode.ts';
import { formToJson } from '../../../lib/event/form.ts';
import { makeHttpSource } from '../../support/builders/compiled-config.ts';
import { jsonData } from '../../support/builders/make-event.ts';
import { makeHttpRecord } from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10 };
const wellFormedText = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed());

function jsonOf(text: string): string {
  const reading = formToJson(text);
  return reading.kind === 'form' ? reading.jsonText : reading.rejection.code;
}

function decode(body: string, contentType = 'application/x-www-form-urlencoded') {
  return decodeRecord(makeHttpRecord({ body, contentType }), makeHttpSource(), limits);
}

describe('formToJson', () => {
  it('reads back whatever a browser encodes', () => {
    const fields = fc.uniqueArray(fc.tuple(wellFormedText, wellFormedText), { selector: ([name]) => name });
    fc.assert(
      fc.property(fields, (pairs) => {
        const parsed: unknown = JSON.parse(jsonOf(new URLSearchParams(pairs).toString()));
        expect(parsed).toEqual(Object.fromEntries(pairs));
      }),
    );
  });

  it('never throws', () => {
    const pieces = fc.string({ unit: fc.constantFrom(...Array.from('a=&%+F0"\\é\ud800')) });
    fc.assert(
      fc.property(pieces, (text) => {
        expect(jsonOf(text)).toMatch(/^(?:\{.*\}|invalid-form)$/s);
      }),
    );
  });

  it.each([
    ['a=1&b=2', '{"a":"1","b":"2"}'],
    ['a=1&b=2&a=', '{"a":["1",""],"b":"2"}'],
    ['a+b=c+d%2B', '{"a b":"c d+"}'],
    ['a&=b&&', '{"a":"","":"b"}'],
    ['__proto__=x&constructor=y', '{"__proto__":"x","constructor":"y"}'],
    ['a=b=c', '{"a":"b=c"}'],
    ['', '{}'],
    ['a=100%', 'invalid-form'],
    ['a=%C0%A0', 'invalid-form'],
    ['%=', 'invalid-form'],
  ])('makes %s %s', (text, expected) => {
    expect(jsonOf(text)).toBe(expected);
  });
});

describe('a form in a request', () => {
  it('is an event with an object for data, as the webhooks of Twilio and Slack send it', () => {
    expect(decode('From=%2B4915&Body=Hi+there')).toMatchObject({
      kind: 'events',
      events: [{ datacontenttype: 'application/json', data: jsonData('{"From":"+4915","Body":"Hi there"}') }],
    });
  });

  it.each([
    ['a NUL', 'a=%00', undefined, 'nul-character'],
    ['bad encoding', 'a=%', undefined, 'invalid-form'],
    ['too many fields', Array.from({ length: 11 }, (_, n) => `f${n}=`).join('&'), undefined, 'too-many-keys'],
    [
      'another charset',
      'a=1',
      'application/x-www-form-urlencoded; charset=shift_jis',
      'unsupported-content-type',
    ],
  ])('with %s is refused', (_name, body, contentType, code) => {
    expect(decode(body, contentType)).toMatchObject({ kind: 'rejected', rejection: { code } });
  });

  it('that holds the name of a template marker is found out', () => {
    expect(decode('__prefect_kind=jinja')).toMatchObject({ events: [{ hasTemplateMarker: true }] });
  });

  it.each(['windows-1252', 'ISO-8859-1', '"latin1"'])(
    'is read in the charset %s of its content type',
    (charset) => {
      const contentType = `application/x-www-form-urlencoded; charset=${charset}`;
      const expected = {
        datacontenttype: 'application/json',
        data: jsonData('{"price":"5 €","näme":"D’Arcy"}'),
      };
      expect(decode('price=5+%80&n%E4me=D%92Arcy', contentType)).toMatchObject({ events: [expected] });
    },
  );

  it('is read in windows-1252 whether its bytes are percent-encoded or not', () => {
    const contentType = 'application/x-www-form-urlencoded; charset=windows-1252';
    const letters = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => !'\0%&+='.includes(String.fromCharCode(byte)),
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...letters)), (bytes) => {
        const encoded = bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
        const record = makeHttpRecord({ body: Buffer.from([0x61, 0x3d, ...bytes]), contentType });
        const raw = decodeRecord(record, makeHttpSource(), limits);
        const [event] = raw.kind === 'events' ? raw.events : [];
        expect(event?.data).toBeDefined();
        expect(decode(`a=${encoded}`, contentType)).toMatchObject({ events: [{ data: event?.data }] });
      }),
    );
  });

  it.each(['charset=windows-1252&name=Jos%E9', 'name=Jos%E9&_charset_=ISO-8859-1'])(
    'is read in windows-1252 if one of its fields names that, as PayPal does, and it is not UTF-8: %s',
    (body) => {
      expect(decode(body)).toMatchObject({ events: [{ data: { value: { name: 'José' } } }] });
    },
  );

  it('is read in UTF-8 whatever one of its fields says, if it is UTF-8', () => {
    expect(decode('charset=windows-1252&name=Jos%C3%A9')).toMatchObject({
      events: [{ data: { value: { name: 'José' } } }],
    });
  });

  it.each(['charset=shift_jis&name=%83%65', 'charset=windows-1252&name=100%'])(
    'is refused if it is in neither charset: %s',
    (body) => {
      expect(decode(body)).toMatchObject({ kind: 'rejected', rejection: { code: 'invalid-form' } });
    },
  );

  it('stays bytes in a CloudEvent that says windows-1252, as text does', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't' };
    const contentType = 'application/x-www-form-urlencoded; charset=windows-1252';
    const record = makeHttpRecord({ body: 'a=%E9', contentType, headers });
    expect(decodeRecord(record, makeHttpSource(), limits)).toMatchObject({
      events: [{ data: { kind: 'binary' } }],
    });
  });

  it('stays text in a CloudEvent, whose content type says what its data are', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't' };
    const contentType = 'application/x-www-form-urlencoded';
    const record = makeHttpRecord({ body: 'a=1', contentType, headers });
    expect(decodeRecord(record, makeHttpSource(), limits)).toMatchObject({
      events: [{ datacontenttype: contentType, data: { kind: 'text', text: 'a=1' } }],
    });
  });
});

describe('content types', () => {
  it.each([
    ['application/xml', 'text'],
    ['text/xml; charset=utf-8', 'text'],
    ['image/svg+xml', 'text'],
    ['text/csv', 'text'],
    ['application/octet-stream', 'binary'],
    ['text/plain; charset=latin1', 'binary'],
  ])('%s is kept as %s', (contentType, kind) => {
    expect(decode('<a/>', contentType)).toMatchObject({ events: [{ data: { kind } }] });
  });

  it.each(['multipart/form-data; boundary=x', 'multipart/mixed', 'nonsense', 'application/cloudevents+xml'])(
    '%s is refused with what could be sent instead',
    (contentType) => {
      const decoded = decode('x', contentType);
      expect(decoded).toMatchObject({ kind: 'rejected', rejection: { code: 'unsupported-content-type' } });
      expect(decoded.kind === 'rejected' && decoded.rejection.detail).toContain('json');
    },
  );
});

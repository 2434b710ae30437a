import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHeaderValue,
  hasCloudEventHeaders,
  readAttributeHeaders,
} from '../../../lib/event/cloudevents-http.ts';

/** As section 3.1.3.2 of the binding encodes; `also` names further characters to encode without need. */
function encode(value: string, also = ''): string {
  const encodeBytes = (character: string): string =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return Array.from(value)
    .map((character) =>
      /[\x21-\x7e]/.test(character) && !`"%${also}`.includes(character) ? character : encodeBytes(character),
    )
    .join('');
}

const wellFormedText = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed());

describe('decodeHeaderValue', () => {
  it('undoes the percent-encoding of any text, needless encoding included', () => {
    fc.assert(
      fc.property(wellFormedText, fc.string({ maxLength: 5 }), (text, also) => {
        expect(decodeHeaderValue(encode(text, also))).toBe(text);
      }),
    );
  });

  it('undoes quoting of any text without percent signs', () => {
    fc.assert(
      fc.property(
        fc.string().map((text) => text.replaceAll('%', '')),
        (text) => {
          expect(decodeHeaderValue(`"${text.replaceAll(/["\\]/g, '\\$&')}"`)).toBe(text);
        },
      ),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('%"\\aF0€')) }), (value) => {
        expect(['string', 'undefined']).toContain(typeof decodeHeaderValue(value));
      }),
    );
  });

  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%e2%82%ac', '€'],
    ['a"b c"d', 'ab cd'],
    [String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ['"%41"', 'A'],
    ['%2541', '%41'],
    ['€', '€'],
    ['', ''],
    ['a+b', 'a+b'],
  ])('decodes %s', (value, expected) => {
    expect(decodeHeaderValue(value)).toBe(expected);
  });

  it.each(['%C0%A0', '%ED%A0%80', '%E2%82', '%FF', '100%', '%4', '%zz', '"open', String.raw`"open\"`])(
    'refuses %s',
    (value) => {
      expect(decodeHeaderValue(value)).toBeUndefined();
    },
  );
});

describe('readAttributeHeaders', () => {
  const minimal = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't' };
  const read = (headers: Readonly<Record<string, string>>) =>
    readAttributeHeaders(new Map(Object.entries({ ...minimal, ...headers })), 'text/plain');

  it('takes every ce- header for an attribute and Content-Type for datacontenttype', () => {
    expect(read({ 'ce-ext': 'x%20y', 'content-type': 'ignored', 'x-other': 'z' })).toMatchObject({
      kind: 'attributes',
      attributes: { id: '1', datacontenttype: 'text/plain', extensions: { ext: 'x y' } },
    });
  });

  it.each([
    ['ce-datacontenttype', 'text/plain', 'ce-datacontenttype must not be sent'],
    ['ce-data', 'x', 'data cannot be an attribute'],
    ['ce-bad-name', 'x', 'bad-name'],
    ['ce-', 'x', 'an attribute name'],
    ['ce-ext', '100%', 'ce-ext is not percent-encoded'],
  ])('refuses %s: %s', (header, value, detail) => {
    const reading = read({ [header]: value });
    expect(reading).toMatchObject({ kind: 'rejected', rejection: { code: 'invalid-cloudevent' } });
    expect(reading.kind === 'rejected' && reading.rejection.detail).toContain(detail);
  });
});

describe('hasCloudEventHeaders', () => {
  it('goes by the required attributes, so that an incomplete event is not taken for plain data', () => {
    expect(hasCloudEventHeaders(new Map([['ce-id', '1']]))).toBe(true);
    expect(hasCloudEventHeaders(new Map([['ce-custom', '1']]))).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_JSON_LIMITS, readJson, splitJsonArray } from '../../../lib/event/json-value.ts';
import { jsonData } from '../../support/builders/make-event.ts';
import { jsonText } from '../../support/builders/json-text.ts';

const limits = { maxDepth: 64, maxKeys: 10_000 };

function readingOf(text: string, jsonLimits = limits): string {
  const reading = readJson(text, jsonLimits);
  return reading.kind === 'rejected' ? reading.rejection.code : reading.kind;
}

function hasMarkerKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    ['__prefect_kind', '$ref'].some((key) => Object.hasOwn(value, key)) ||
    Object.values(value).some(hasMarkerKey)
  );
}

/** Every character that can be is written as an escape, as some encoders do for all but ASCII. */
function escapeEverything(json: string): string {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"/gs, (quoted) => {
    const text = String(JSON.parse(quoted));
    const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
    return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
  });
}

describe('readJson', () => {
  it('keeps any JSON text byte for byte and reads its value with exact integers', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const reading = readJson(` \n${text}\t`, limits);
        expect(reading).toMatchObject(jsonData(text));
      }),
    );
  });

  it('finds template markers as keys in any JSON, escaped or not', () => {
    fc.assert(
      fc.property(jsonText, fc.boolean(), (text, escaped) => {
        const value: unknown = JSON.parse(text);
        const reading = readJson(escaped ? escapeEverything(text) : text, limits);
        expect(reading).toMatchObject({ kind: 'json', hasTemplateMarker: hasMarkerKey(value) });
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\ud80e1 \0\ud800\udc00')), maxLength: 60 }),
        (text) => {
          const reading = readJson(text, limits);
          expect(['json', 'rejected']).toContain(reading.kind);
          if (reading.kind === 'json') expect(() => void JSON.parse(text)).not.toThrow();
        },
      ),
    );
  });

  it.each([
    ['a NUL', String.raw`{"a":"x\u0000y"}`, 'nul-character'],
    ['a NUL in a key', String.raw`{"\u0000":1}`, 'nul-character'],
    ['a raw NUL, which is not JSON', '{"a":"\0"}', 'invalid-json'],
    ['a lone high surrogate', String.raw`["\ud800"]`, 'lone-surrogate'],
    ['a lone low surrogate', String.raw`["\udc00\ud800"]`, 'lone-surrogate'],
    ['a high surrogate before an ordinary escape', String.raw`["\ud800\u0041"]`, 'lone-surrogate'],
    ['a lone surrogate in a key', String.raw`{"\uDBFF":1}`, 'lone-surrogate'],
    ['a raw lone surrogate', '["\ud800"]', 'lone-surrogate'],
    ['halves of a pair, one raw and one escaped', '["\ud83d\\ude00"]', 'lone-surrogate'],
    ['a surrogate pair', String.raw`["\ud83d\ude00"]`, 'json'],
    ['an escaped backslash before u0000', String.raw`["\\u0000"]`, 'json'],
    ['an infinite number', '[1e400]', 'number-out-of-range'],
    ['a negative infinite number', '{"a":-1E+309}', 'number-out-of-range'],
    ['the largest number', '1.7976931348623157e308', 'json'],
    ['an integer of 4,300 digits', '9'.repeat(4300), 'json'],
    ['a negative integer of 4,300 digits', `-${'9'.repeat(4300)}`, 'json'],
    ['an integer of 4,301 digits', '9'.repeat(4301), 'number-out-of-range'],
    ['a fraction of 5,000 digits', `0.${'3'.repeat(5000)}`, 'json'],
    ['NaN', '[NaN]', 'invalid-json'],
    ['a byte order mark', '\uFEFF{}', 'json'],
    ['two byte order marks', '\uFEFF\uFEFF{}', 'invalid-json'],
    ['a no-break space, which is no white space of JSON', '\u00a0{}', 'invalid-json'],
    ['an own __proto__', '{"__proto__":{"polluted":true}}', 'json'],
    ['duplicate keys, of which readers take the last', '{"a":1,"a":2}', 'json'],
    ['nothing', '', 'invalid-json'],
  ])('answers %s', (_name, text, expected) => {
    expect(readingOf(text)).toBe(expected);
  });

  it('keeps integers beyond 2^53 and leaves others alone', () => {
    const reading = readJson('[9007199254740991,9007199254740993,-18446744073709551617,1e21,1.5]', limits);
    expect(reading).toMatchObject({
      value: [9007199254740991, 9007199254740993n, -18446744073709551617n, 1e21, 1.5],
    });
  });

  it('allows exactly the depth and the keys of the limits', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(readingOf(nested(64))).toBe('json');
    expect(readingOf(nested(65))).toBe('too-deep');
    expect(readingOf(nested(1_000_000))).toBe('too-deep');
    expect(readingOf('{"a":{"b":1}}', { maxDepth: 64, maxKeys: 2 })).toBe('json');
    expect(readingOf('{"a":{"b":1},"c":1}', { maxDepth: 64, maxKeys: 2 })).toBe('too-many-keys');
  });

  it('is total without limits too, where the reviver runs out of stack', () => {
    const text = `${'['.repeat(100_000)}12345678901234567890${']'.repeat(100_000)}`;
    expect(readingOf(text, NO_JSON_LIMITS)).toBe('invalid-json');
  });

  it('says where the JSON goes wrong and quotes nothing of it', () => {
    for (const text of ['{"password":"hunter2",}', '{"password":"hunter2"', 'hunter2', '["hunter2" "x"]']) {
      const reading = readJson(text, limits);
      expect(reading).toMatchObject({ kind: 'rejected', rejection: { code: 'invalid-json' } });
      expect(JSON.stringify(reading)).not.toContain('hunter2');
    }
    expect(readJson('{"a":1,}', limits)).toMatchObject({
      rejection: { detail: 'This is not JSON (RFC 8259): it goes wrong at character 7.' },
    });
  });

  it('does not let data reach the prototype of what it returns', () => {
    const reading = readJson('{"__proto__":{"polluted":true}}', limits);
    expect(reading.kind === 'json' && Object.getPrototypeOf(reading.value)).toBe(Object.prototype);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('splitJsonArray', () => {
  it('gives the elements of any array as they are written', () => {
    fc.assert(
      fc.property(fc.array(jsonText, { maxLength: 5 }), (texts) => {
        expect(splitJsonArray(`\uFEFF [ ${texts.join(' ,\n')} ] `)).toEqual({ kind: 'elements', texts });
      }),
    );
  });

  it.each(['{}', '1', '[1', '[1]]', '[1,]', ''])('rejects %s', (text) => {
    expect(splitJsonArray(text)).toMatchObject({ kind: 'rejected', rejection: { code: 'invalid-json' } });
  });
});

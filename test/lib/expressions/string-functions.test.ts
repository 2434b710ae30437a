import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexOf, lastIndexOf, split, substring } from '../../../lib/expressions/string-functions.ts';
import { keyOver, parameterOver } from '../../support/builders/evaluate-expression.ts';

const text = fc.string({ unit: 'binary' });
const short = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '😁', 'é'), maxLength: 6 });

describe('a function over strings', () => {
  it('tells two events with different emoji apart when they are a dedupe key', () => {
    const key = 'event.data.t.substring(0, 1)';
    expect(keyOver(key, '{"t":"😀 first title is long"}')).toEqual({ ok: true, value: 's:😀' });
    expect(keyOver(key, '{"t":"😁 second title is long"}')).toEqual({ ok: true, value: 's:😁' });
  });

  it('never cuts a character in half', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (whole, a, b) => {
        const size = Array.from(whole).length;
        const [start = 0, end = 0] = [a % (size + 1), b % (size + 1)].toSorted((one, other) => one - other);
        expect(substring(whole, BigInt(start), BigInt(end))).toBe(
          Array.from(whole).slice(start, end).join(''),
        );
        expect(split(whole, '').every((part) => part.isWellFormed())).toBe(true);
      }),
    );
  });

  it('counts characters as size() does', () => {
    fc.assert(
      fc.property(short, short, (whole, wanted) => {
        const first = indexOf(whole, wanted);
        if (first !== -1n) expect(substring(whole, first).startsWith(wanted)).toBe(true);
        expect(first === -1n).toBe(!whole.includes(wanted));
        const last = lastIndexOf(whole, wanted);
        if (last !== -1n) expect(substring(whole, last).startsWith(wanted)).toBe(true);
        expect(last >= first).toBe(true);
      }),
    );
  });

  it.each([
    ['events[0].data.title.substring(0, 11)', '"Launch it 🚀"'],
    ['events[0].data.title.split("")[10]', '"🚀"'],
    ['"ÄBC Ä".lowerAscii()', '"Äbc Ä"'],
    ['"\\u0085 a\\u00a0".trim()', '"a"'],
    ['"a,b,c".split(",", 2)', '["a","b,c"]'],
    ['"😀a".indexOf("a", 1)', '1'],
  ])('yields in %s whole characters', (expression, expected) => {
    expect(parameterOver(expression, '{"title":"Launch it 🚀 now"}')).toEqual({ ok: true, text: expected });
  });

  it.each(['"abc".substring(2, 1)', '"abc".substring(4)', '"abc".substring(-1)', '"abc".indexOf("b", 4)'])(
    'fails in %s, which is out of range',
    (expression) => {
      expect(parameterOver(expression)).toMatchObject({ ok: false, code: 'expression-failed' });
    },
  );
});

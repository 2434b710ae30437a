import fc from 'fast-check';
import { expect, it } from 'vitest';
import { doubleJson, floatJson } from '../../../lib/schema-registry/json-scalars.ts';

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]\d+)?$/;
const finite = { noNaN: true, noDefaultInfinity: true };

it('the text of a double is JSON of the same double, and has a fraction or an exponent', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double(finite), fc.bigInt().map(Number)), (value) => {
      const json = doubleJson(value);
      expect(json).toMatch(NUMBER);
      expect(json).toMatch(/[.e]/);
      expect(Number(json)).toBe(value);
    }),
  );
});

it('the text of a 32-bit float is JSON that becomes the same float, and no text with fewer digits does', () => {
  fc.assert(
    fc.property(fc.float(finite), (value) => {
      const json = floatJson(value);
      expect(json).toMatch(NUMBER);
      expect(json).toMatch(/[.e]/);
      expect(Math.fround(Number(json))).toBe(value);
      const digits = json.replace(/e.*$/, '').replace(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
      for (let fewer = 1; fewer < digits; fewer += 1) {
        expect(Math.fround(Number(value.toPrecision(fewer)))).not.toBe(value);
      }
    }),
    { numRuns: 1000 },
  );
});

it('what JSON has no number for is a string', () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(doubleJson)).toEqual([
    '"NaN"',
    '"Infinity"',
    '"-Infinity"',
  ]);
  expect([-0, 0].map(floatJson)).toEqual(['-0.0', '0.0']);
});

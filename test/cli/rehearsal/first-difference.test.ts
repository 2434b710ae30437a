import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../../cli/rehearsal/first-difference.ts';

describe('the first difference of two JSON values', () => {
  it('does not exist between a value and its copy', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(firstDifference(value, JSON.parse(JSON.stringify(value)), 'x')).toBeNull();
      }),
    );
  });

  it('does not exist between 0 and -0', () => {
    expect(firstDifference([0], [-0], 'x')).toBeNull();
  });

  it('exists between values whose JSON differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [left, right] = [one, other].map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        fc.pre(JSON.stringify(sorted(left)) !== JSON.stringify(sorted(right)));
        expect(firstDifference(left, right, 'x')).not.toBeNull();
      }),
    );
  });

  it.each([
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, 'x.a[1].b', '2', '3'],
    [[1], [1, 2], 'the length of x', '1', '2'],
    [{ a: 1 }, {}, 'x.a', '1', 'nothing'],
    [{}, { a: null }, 'x.a', 'nothing', 'null'],
    [{ valueOf: 1 }, {}, 'x.valueOf', '1', 'nothing'],
    ['1', 1, 'x', '"1"', '1'],
  ])('of %j and %j is at %s', (expected, found, path, left, right) => {
    expect(firstDifference(expected, found, 'x')).toEqual({ path, expected: left, found: right });
  });
});

/** Keys have no order in JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, inner]) => [key, sorted(inner)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUnsafeEscape } from '../../../lib/event/unsafe-escape.ts';

/** Any UTF-16, with NUL and surrogates far more often than chance would have them. */
const units = fc.array(
  fc.oneof(
    fc.constantFrom(0, 0x41, 0x5c, 0x75, 0xd83d, 0xde00, 0xdbff, 0xdc00),
    fc.integer({ min: 0, max: 0xffff }),
  ),
  { maxLength: 12 },
);

function escapeOf(unit: number): string {
  if (unit === 0x5c) return String.raw`\\`;
  return unit === 0x41 || unit === 0x75
    ? String.fromCharCode(unit)
    : `\\u${unit.toString(16).padStart(4, '0')}`;
}

describe('findUnsafeEscape', () => {
  it('finds an escape exactly when the text means a NUL or half of a surrogate pair', () => {
    fc.assert(
      fc.property(units, (codeUnits) => {
        const meant = String.fromCharCode(...codeUnits);
        const isUnsafe = meant.includes('\0') || !meant.isWellFormed();
        const found = findUnsafeEscape(codeUnits.map(escapeOf).join(''));
        expect(found !== undefined).toBe(isUnsafe);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [String.raw`"ab\u0000"`, { kind: 'nul-character', at: 3 }],
    [String.raw`"\\\u0000"`, { kind: 'nul-character', at: 3 }],
    [String.raw`"\ud83d\ude00\uD83D"`, { kind: 'lone-surrogate', at: 13 }],
    [String.raw`"\ud83d\u0041"`, { kind: 'lone-surrogate', at: 1 }],
    [String.raw`"\ud83d\ud83d\ude00"`, { kind: 'lone-surrogate', at: 1 }],
    [String.raw`"\\u0000"`, undefined],
    [String.raw`"\ud83d`, { kind: 'lone-surrogate', at: 1 }],
    ['"\\', undefined],
    [String.raw`"\u00`, undefined],
  ])('says of %s where it is', (text, expected) => {
    expect(findUnsafeEscape(text)).toEqual(expected);
  });
});

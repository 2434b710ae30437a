import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closingLine, sum, type Tally } from '../../../scripts/suite/tally.ts';

const tally: fc.Arbitrary<Tally> = fc.record({ passed: fc.nat(), failed: fc.nat(), skipped: fc.nat() });

describe('closingLine', () => {
  it('is the plain line that programs read, with the skipped tests only when there are any', () => {
    expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
    expect(closingLine({ passed: 1, failed: 2, skipped: 3 })).toBe('1 passed, 2 failed, 3 skipped');
  });
});

describe('sum', () => {
  it('loses no failure and does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(tally), (tallies) => {
        expect(sum(tallies)).toEqual(sum(tallies.toReversed()));
        expect(sum(tallies).failed > 0).toBe(tallies.some(({ failed }) => failed > 0));
      }),
    );
  });
});

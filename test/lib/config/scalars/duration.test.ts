import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationFromZeroInSeconds,
  durationInMs,
  durationInSeconds,
  durationText,
  parseDurationMs,
} from '../../../../lib/config/scalars/duration.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['15d', 1_296_000_000],
    ['1h30m', 5_400_000],
    ['1m5ms', 60_005],
    ['0s', 0],
    ['PT10S', 10_000],
    ['PT1H30M', 5_400_000],
    ['P1D', 86_400_000],
    ['P2W', 1_209_600_000],
    ['P1DT0.5S', 86_400_500],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each([
    '',
    '10',
    's',
    '10 s',
    '10S',
    '10sec',
    '-5s',
    '1s1h',
    'P',
    'PT',
    'P1',
    '1e3s',
    '5m5',
    'PT5s',
    '∞s',
  ])('refuses the duration %j', (text) => {
    expect(parseDurationMs(text)).toBeNull();
  });

  it('durationText writes what parseDurationMs reads', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), (seconds) => {
        expect(parseDurationMs(durationText(seconds))).toBe(seconds * 1000);
      }),
    );
  });

  it('accepts a text exactly when the pattern of its JSON Schema does', () => {
    const pattern = durationInSeconds({ minimum: '0s', maximum: '1d' }).meta()?.['pattern'];
    if (typeof pattern !== 'string') throw new Error('the scalar has a pattern');
    const regExp = new RegExp(pattern);
    const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd', 'S', 'M', 'H', 'D', 'W', 'T', 'P', '', '.', ' ');
    const text = fc
      .array(fc.tuple(fc.constantFrom('', '', '1', '20', '0.5'), unit), { maxLength: 5 })
      .map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(text, (candidate) => {
        expect(regExp.test(candidate)).toBe(parseDurationMs(candidate) !== null);
      }),
      { numRuns: 2000 },
    );
  });

  it('returns seconds or milliseconds, as the field requires', () => {
    expect(durationInSeconds({ minimum: '0s', maximum: '1d' }).parse('2m')).toBe(120);
    expect(durationInMs({ minimum: '0s', maximum: '1d' }).parse('2m')).toBe(120_000);
  });

  it('accepts a bare 0 only where zero is allowed, since it is the same in every unit', () => {
    const fromZero = durationFromZeroInSeconds({ maximum: '7d' });
    expect(fromZero.parse(0)).toBe(0);
    expect(fromZero.parse('0s')).toBe(0);
    expect(fromZero.parse('2m')).toBe(120);
    for (const value of [1, -1, 0.5, '0', '8d', '500ms', null]) {
      expect(fromZero.safeParse(value).success).toBe(false);
    }
    expect(durationInSeconds({ minimum: '1s', maximum: '1d' }).safeParse(0).success).toBe(false);
  });

  it('refuses a duration that is a fraction of the unit of the field', () => {
    expect(durationInSeconds({ minimum: '0s', maximum: '1d' }).safeParse('500ms').success).toBe(false);
  });
});

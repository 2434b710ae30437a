import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { count, listed, moment } from '../../cli/arguments.ts';

describe('the values of options', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00+01:00', '2026-01-31T11:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ])('take %s for a moment', (text, iso) => {
    expect(new Date(moment(text)).toISOString()).toBe(iso);
  });

  it('take a duration for how long ago', () => {
    const [older, newer] = ['2h', '30m'].map(moment);
    expect(Number(newer) - Number(older)).toBeGreaterThanOrEqual(90 * 60_000);
    expect(Number(newer)).toBeLessThanOrEqual(Date.now() - 30 * 60_000);
  });

  it.each(['yesterday', '12:00', '2026-13-40', '2026-01-31T12:00:00', ''])(
    'refuse %j as a moment',
    (text) => {
      expect(() => moment(text)).toThrow(InvalidArgumentError);
    },
  );

  it.each(['0', '-1', '1.5', '1e3', 'many', ''])('refuse %j as a number of letters', (text) => {
    expect(() => count(text)).toThrow(InvalidArgumentError);
  });

  it('collect what is repeated', () => {
    expect(listed('b', listed('a', []))).toEqual(['a', 'b']);
  });
});

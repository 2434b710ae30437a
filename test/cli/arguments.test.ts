import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { collect, parsePositiveInteger, parseTime } from '../../cli/arguments.ts';

describe('the values of options', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00+01:00', '2026-01-31T11:00:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ])('take %s as a timestamp', (text, iso) => {
    expect(new Date(parseTime(text)).toISOString()).toBe(iso);
  });

  it('take a duration as a time before now', () => {
    const [older, newer] = ['2h', '30m'].map(parseTime);
    expect(Number(newer) - Number(older)).toBeGreaterThanOrEqual(90 * 60_000);
    expect(Number(newer)).toBeLessThanOrEqual(Date.now() - 30 * 60_000);
  });

  it.each(['yesterday', '12:00', '2026-13-40', '2026-01-31T12:00:00', ''])('refuse %j as a time', (text) => {
    expect(() => parseTime(text)).toThrow(InvalidArgumentError);
  });

  it.each(['0', '-1', '1.5', '1e3', 'many', ''])('refuse %j as a number of dead letters', (text) => {
    expect(() => parsePositiveInteger(text)).toThrow(InvalidArgumentError);
  });

  it('collect the values of a repeated option', () => {
    expect(collect('b', collect('a', []))).toEqual(['a', 'b']);
  });
});

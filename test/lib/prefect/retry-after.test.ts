import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../../lib/prefect/retry-after.ts';

const now = Date.UTC(2026, 10, 25, 12, 0, 0);

describe('retryAfterMs', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    ['1.62', 1_620],
    [' 5 ', 5_000],
    ['0.0001', 1],
  ])('%j is %i ms, decimals as Prefect sends them included', (header, expectedMs) => {
    expect(retryAfterMs(header, now)).toBe(expectedMs);
  });

  test.each([
    'Wed, 25 Nov 2026 12:00:30 GMT',
    'Wednesday, 25-Nov-26 12:00:30 GMT',
    'Wed Nov 25 12:00:30 2026',
  ])('the HTTP date %j is 30 seconds ahead', (header) => {
    expect(retryAfterMs(header, now)).toBe(30_000);
  });

  test('a single-digit day is padded with a space in the oldest format', () => {
    expect(retryAfterMs('Tue Dec  1 12:00:00 2026', now)).toBe(6 * 86_400_000);
  });

  test('a date that has passed asks for no wait, two-digit years of the last century included', () => {
    expect(retryAfterMs('Sun, 06 Nov 1994 08:49:37 GMT', now)).toBe(0);
    expect(retryAfterMs('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(0);
  });

  test.each([
    undefined,
    '',
    '-1',
    '1e3',
    'Infinity',
    '1,5',
    'soon',
    '12345678901234567890',
    'Wed, 25 Foo 2026 12:00:30 GMT',
    'Wed, 32 Nov 2026 12:00:30 GMT',
    'Wed, 25 Nov 2026 25:00:30 GMT',
    'Wed, 25 Nov 2026 12:00:30 PST',
    '2026-11-25T12:00:30Z',
  ])('%j is no wait at all: nothing is guessed', (header) => {
    expect(retryAfterMs(header, now)).toBeNull();
  });

  test('any date in the preferred format is the time until then', () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(seconds, seconds, (nowSeconds, thenSeconds) => {
        const header = new Date(thenSeconds * 1000).toUTCString();
        expect(retryAfterMs(header, nowSeconds * 1000)).toBe(Math.max(0, thenSeconds - nowSeconds) * 1000);
      }),
    );
  });

  test('never throws and never answers with less than nothing', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(retryAfterMs(header, now) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

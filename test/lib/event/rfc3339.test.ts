import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRfc3339 } from '../../../lib/event/rfc3339.ts';

describe('isRfc3339', () => {
  it('takes every timestamp that JavaScript prints', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          expect(isRfc3339(date.toISOString())).toBe(true);
        },
      ),
    );
  });

  it.each([
    '2026-01-31T12:00:00Z',
    '2026-01-31t12:00:00z',
    '2026-01-31T12:00:00.000000001+01:00',
    '2026-01-31T12:00:00-23:59',
    '2024-02-29T00:00:00Z',
    '2016-12-31T23:59:60Z',
  ])('takes %s', (text) => {
    expect(isRfc3339(text)).toBe(true);
  });

  it.each([
    'lunchtime',
    '2026-01-31',
    '2026-01-31T12:00Z',
    '2026-01-31T12:00:00',
    '2026-01-31 12:00:00Z',
    '2026-01-31T12:00:00+25:00',
    '2026-01-31T12:00:00+01',
    '2026-01-31T12:00:00+01:60',
    '2026-01-31T12:00:00.Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-13-01T12:00:00Z',
    '2026-00-01T12:00:00Z',
    '2026-01-00T12:00:00Z',
    '2026-04-31T12:00:00Z',
    '2026-02-29T12:00:00Z',
    '1900-02-29T12:00:00Z',
    ' 2026-01-31T12:00:00Z',
  ])('refuses %s', (text) => {
    expect(isRfc3339(text)).toBe(false);
  });
});

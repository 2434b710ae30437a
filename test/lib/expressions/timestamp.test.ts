import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTimestamp, timestampOfNanos } from '../../../lib/expressions/timestamp.ts';
import { parseDuration } from '../../../lib/expressions/duration.ts';
import { filterOver, parameterOver } from '../../support/builders/evaluate-expression.ts';

const AFTER_2024 = 'timestamp(event.data.t) > timestamp("2024-01-01T00:00:00Z")';

describe('timestamp()', () => {
  it.each([
    '2024-05-01T12:00:00Z',
    '2024-05-01T12:00:00.123456+00:00',
    '2024-05-01T12:00:00.1234567+00:00',
    '2024-05-01T12:00:00.123456789+02:00',
    '2024-05-01T12:00:00.123456789Z',
    '2024-02-29T23:59:59-12:00',
  ])('reads %s', (text) => {
    expect(filterOver(AFTER_2024, JSON.stringify({ t: text }))).toEqual({ ok: true, value: true });
  });

  it.each([
    '2024-02-30T12:00:00Z',
    '2023-02-29T12:00:00Z',
    '2024-05-01T12:00:00.000',
    'Wed, 01 May 2024 12:00:00 GMT',
    '2024-05-01 12:00:00+00:00',
    '2024-05-01T24:00:00Z',
    '2024-05-01T12:00:60Z',
    '2024-05-01T12:00:00.1234567891Z',
    '2024-05-01',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '+012024-05-01T12:00:00Z',
    '',
  ])('fails on %j rather than guess', (text) => {
    expect(filterOver(AFTER_2024, JSON.stringify({ t: text }))).toEqual({
      ok: false,
      code: 'expression-failed',
      message: 'timestamp() needs RFC 3339 with at most 9 digits of the second (at character 1)',
    });
  });

  it('keeps every nanosecond, in every year', () => {
    const nanos = fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n });
    fc.assert(
      fc.property(nanos, (epochNanos) => {
        const timestamp = timestampOfNanos(epochNanos);
        expect(parseTimestamp(String(timestamp))?.epochNanos).toBe(epochNanos);
      }),
    );
  });

  it.each([
    ['getHours("Europe/Berlin")', '14'],
    ['getHours("+05:30")', '18'],
    ['getHours("-00:01")', '12'],
    ['getDate("Pacific/Auckland")', '2'],
    ['getDayOfYear()', '121'],
    ['getDayOfWeek()', '3'],
    ['getMilliseconds("Asia/Tokyo")', '123'],
  ])('has the field %s', (field, expected) => {
    expect(parameterOver(`timestamp("2024-05-01T12:59:59.123456789Z").${field}`)).toEqual({
      ok: true,
      text: expected,
    });
  });

  it('fails on a time zone of the data that does not exist', () => {
    expect(parameterOver('timestamp(0).getHours(events[0].data)', '"Mars/Olympus"')).toMatchObject({
      ok: false,
    });
  });
});

describe('duration()', () => {
  it.each([
    ['[timestamp("2024-01-01T00:00:00Z") - timestamp("2024-01-01T00:00:01.500Z")]', '["-1.5s"]'],
    ['[duration("1s") - duration("1.5s")]', '["-0.5s"]'],
    ['[duration("-0.5s")]', '["-0.5s"]'],
    [
      '[duration("1h30m"), duration("-1.5h"), duration("1us"), duration("0")]',
      '["5400s","-5400s","0.000001s","0s"]',
    ],
  ])('prints %s as ProtoJSON', (expression, text) => {
    expect(parameterOver(expression)).toEqual({ ok: true, text });
  });

  it('is equal to another one of the same length', () => {
    expect(filterOver('duration("1s") - duration("1.5s") == duration("-0.5s")', '{}')).toEqual({
      ok: true,
      value: true,
    });
  });

  it.each(['', '1', '1d', '1.s2', 's', '-', '1h 1m', '--1s', '9223372037s'])('fails on %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('is printed as text that is the same duration again', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n - 2n ** 63n, max: 2n ** 63n - 1n }), (nanos) => {
        expect(parseDuration(String(parseDuration(`${nanos}ns`)))?.totalNanos).toBe(nanos);
      }),
    );
  });
});

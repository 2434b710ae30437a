import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAwsCron } from '../../../lib/config/coalesce/aws-cron.ts';
import { ClosingTimes, longestIntervalSeconds } from '../../../lib/windows/closing-times.ts';

function closingTimes(cron: string, zone: string): ClosingTimes {
  const parsed = parseAwsCron(cron);
  if (parsed.kind === 'refused') throw new Error(parsed.fix);
  return new ClosingTimes({ patterns: parsed.patterns, zone });
}

function closingsFrom(cron: string, zone: string, from: string, count: number): readonly string[] {
  const times = closingTimes(cron, zone);
  const found: string[] = [];
  for (
    let at = times.nextAfter(Date.parse(from));
    at !== null && found.length < count;
    at = times.nextAfter(at)
  ) {
    found.push(new Date(at).toISOString().slice(5, 16));
  }
  return found;
}

/** Zones that go forward and back at different times of the day, by an hour and by half of one, or never. */
const ZONES = [
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'UTC',
];

const zone = fc.constantFrom(...ZONES);
/** Some of them before the first question, so that what is remembered is tested, too. */
const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2031, 0, 1) });
const timeOfDay = fc.record({ hour: fc.nat(23), minute: fc.nat(59) });
const cron = fc.oneof(
  timeOfDay.map(({ hour, minute }) => `cron(${minute} ${hour} * * ? *)`),
  timeOfDay.map(({ hour }) => `cron(0/30 ${hour} * * ? *)`),
  timeOfDay.map(({ minute }) => `cron(${minute} * * * ? *)`),
  timeOfDay.map(({ hour, minute }) => `cron(${minute} ${hour} ? * MON-FRI *)`),
  timeOfDay.map(({ hour, minute }) => `cron(${minute} ${hour} L * ? *)`),
  fc.constant('cron(*/15 * * * ? *)'),
);

describe('the times at which windows close', () => {
  it.each([
    [
      'a day without 02:30 closes when the clock goes forward',
      'cron(30 2 * * ? *)',
      '2026-03-28T12:00Z',
      ['03-29T01:00', '03-30T00:30'],
    ],
    [
      'a day that has 02:30 twice closes at the first',
      'cron(30 2 * * ? *)',
      '2026-10-24T12:00Z',
      ['10-25T00:30', '10-26T01:30'],
    ],
    [
      'two times that a day does not have close once',
      'cron(0,30 2 * * ? *)',
      '2026-03-28T12:00Z',
      ['03-29T01:00', '03-30T00:00', '03-30T00:30'],
    ],
    [
      'every hour goes on as time does',
      'cron(0 * * * ? *)',
      '2026-10-24T23:30Z',
      ['10-25T00:00', '10-25T01:00', '10-25T02:00'],
    ],
  ])('in Berlin: %s', (_what, text, from, closings) => {
    expect(closingsFrom(text, 'Europe/Berlin', from, closings.length)).toEqual(closings);
  });

  it('once a day, every day, whatever the clock does', () => {
    fc.assert(
      fc.property(timeOfDay, zone, fc.nat(365 * 4), ({ hour, minute }, name, day) => {
        const times = closingTimes(`cron(${minute} ${hour} * * ? *)`, name);
        const localDay = new Intl.DateTimeFormat('en-CA', { timeZone: name, dateStyle: 'short' });
        let at = Date.UTC(2026, 0, 1) + day * 86_400_000;
        const days: string[] = [];
        for (let count = 0; count < 30; count++) {
          at = times.nextAfter(at) ?? NaN;
          days.push(localDay.format(at));
        }
        expect(new Set(days).size).toBe(days.length);
        const first = Date.parse(days[0] ?? '');
        expect(days.map((each) => Math.round((Date.parse(each) - first) / 86_400_000))).toEqual(
          days.map((_, index) => index),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('lie after the question, at whole minutes, with none in between', () => {
    fc.assert(
      fc.property(
        cron,
        zone,
        instant,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (text, name, at, share) => {
          const times = closingTimes(text, name);
          const next = times.nextAfter(at) ?? NaN;
          expect(next).toBeGreaterThan(at);
          expect(next % 60_000).toBe(0);
          const between = Math.floor(at + (next - 1 - at) * share);
          expect(times.nextAfter(between)).toBe(next);
          // Another worker, which remembers nothing, finds the same.
          expect(closingTimes(text, name).nextAfter(between)).toBe(next);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('follow each other: the one before the next is the last one', () => {
    fc.assert(
      fc.property(cron, zone, instant, (text, name, at) => {
        const times = closingTimes(text, name);
        const next = times.nextAfter(at) ?? NaN;
        const previous = times.previousBefore(next);
        expect(previous).toBeLessThanOrEqual(at);
        expect(times.nextAfter(previous)).toBe(next);
      }),
      { numRuns: 200 },
    );
  });

  it('have a longest interval, which an event may have to wait', () => {
    const longest = (text: string, name = 'UTC'): number => {
      const parsed = parseAwsCron(text);
      return longestIntervalSeconds({ patterns: parsed.kind === 'cron' ? parsed.patterns : [], zone: name });
    };
    expect(longest('cron(0 2 * * ? *)')).toBe(86_400);
    expect(longest('cron(0 2 * * ? *)', 'Europe/Berlin')).toBe(90_000);
    expect(longest('cron(0 9-17 ? * MON-FRI *)')).toBe(64 * 3_600);
    expect(longest('cron(0 2 31 2 ? *)')).toBe(Infinity);
  });
});

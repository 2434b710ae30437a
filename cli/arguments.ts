/** Parsers for the values of options. */
import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../lib/config/scalars/duration.ts';

/** Collect the values of an option that may be repeated. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

export function parsePositiveInteger(value: string): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (number === 0) throw new InvalidArgumentError('Use a whole number of 1 or more.');
  return number;
}

/** Parse a timestamp, or a duration before now, into milliseconds since the epoch. */
export function parseTime(value: string): number {
  const agoMs = parseDurationMs(value);
  if (agoMs !== null) return Date.now() - agoMs;
  const epochMs = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(epochMs)) return epochMs;
  throw new InvalidArgumentError(
    'Use a date (2026-01-31, which means midnight UTC), a timestamp with its zone (2026-01-31T12:00:00Z), ' +
      'or a duration ago (30m, 2h, 7d).',
  );
}

/** Values of options, read and checked. */
import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../lib/config/model/duration.ts';

/** For options that may be repeated. */
export function listed(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

export function count(value: string): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (number === 0) throw new InvalidArgumentError('Write a whole number from 1 on.');
  return number;
}

/** Milliseconds since the epoch. */
export function moment(value: string): number {
  const agoMs = parseDurationMs(value);
  if (agoMs !== null) return Date.now() - agoMs;
  const epochMs = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(epochMs)) return epochMs;
  throw new InvalidArgumentError(
    'Write a date (2026-01-31, which is midnight in UTC), a time with its zone (2026-01-31T12:00:00Z), ' +
      'or how long ago (30m, 2h, 7d).',
  );
}

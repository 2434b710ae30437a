/** Parsers for the values of options. */
import { InvalidArgumentError } from 'commander';
import { parseByteSize } from '../lib/config/scalars/byte-size.ts';
import { parseDurationMs } from '../lib/config/scalars/duration.ts';
import { parsePercentage } from '../lib/config/scalars/percentage.ts';

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

const COUNT = /^(\d+(?:\.\d+)?)([kM]?)$/;
const TIMES = { '': 1, 'k': 1000, 'M': 1_000_000 } as const;

/** Parse a count: `500`, `20k`, `1.5M`. */
export function parseCount(value: string): number {
  const [, amount, unit] = COUNT.exec(value) ?? [];
  const times = unit === 'k' || unit === 'M' || unit === '' ? TIMES[unit] : undefined;
  if (amount === undefined || times === undefined) {
    throw new InvalidArgumentError('Use a number of 0 or more, as 500, 20k or 1.5M.');
  }
  return Number(amount) * times;
}

/** Parse a size in bytes: `900B`, `1KiB`. */
export function parseSize(value: string): number {
  const bytes = parseByteSize(value);
  if (bytes === null || bytes === 0)
    throw new InvalidArgumentError('Use a size with its unit, as 900B or 2KiB.');
  return bytes;
}

export interface NamedTraffic {
  readonly name: string;
  readonly eventsPerDay: number;
  /** Absent: that of all sources. */
  readonly eventBytes?: number;
}

/** Parse and collect `orders-hook=20k` or `orders-hook=20k,2KiB`. */
export function collectTraffic(value: string, before: readonly NamedTraffic[]): readonly NamedTraffic[] {
  const [, name, count = '', size] = /^([^=]+)=([^,]+)(?:,(.+))?$/.exec(value) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError(
      'Use <source>=<events a day>, as orders-hook=20k or orders-hook=20k,2KiB.',
    );
  }
  const eventBytes = size === undefined ? {} : { eventBytes: parseSize(size) };
  return [...before, { name, eventsPerDay: parseCount(count), ...eventBytes }];
}

export interface NamedShare {
  readonly name: string;
  readonly share: number;
}

/** Parse and collect `process-orders=20%`. */
export function collectShare(value: string, before: readonly NamedShare[]): readonly NamedShare[] {
  const [, name, text = ''] = /^([^=]+)=(.+)$/.exec(value) ?? [];
  const share = parsePercentage(text);
  if (name === undefined || share === null) {
    throw new InvalidArgumentError('Use <route>=<percentage>, as process-orders=20%.');
  }
  return [...before, { name, share }];
}

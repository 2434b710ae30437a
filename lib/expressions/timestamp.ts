/** CEL's timestamps: instants between the years 1 and 9999, exact to the nanosecond. */
import { isRfc3339 } from '../event/rfc3339.ts';
import { fractionText } from './duration.ts';

const NANOS_PER_SECOND = 1_000_000_000n;
const MIN_EPOCH_SECONDS = -62_135_596_800;
const MAX_EPOCH_SECONDS = 253_402_300_799;

const FRACTION = /^.{19}(?:\.(\d+))?/;
const MAX_FRACTION_DIGITS = 9;
const LEAP_SECOND = /^.{17}60/;

export class Timestamp {
  /** Whole seconds since 1970, rounded down. */
  readonly epochSeconds: number;
  /** 0 to 999,999,999, before 1970 too. */
  readonly nanosOfSecond: number;

  constructor(epochSeconds: number, nanosOfSecond: number) {
    this.epochSeconds = epochSeconds;
    this.nanosOfSecond = nanosOfSecond;
  }

  get epochNanos(): bigint {
    return BigInt(this.epochSeconds) * NANOS_PER_SECOND + BigInt(this.nanosOfSecond);
  }

  /** Print RFC 3339 in UTC, with as many digits of the second as there are: `2026-01-02T03:04:05.5Z`. */
  toString(): string {
    const seconds = new Date(this.epochSeconds * 1000).toISOString().slice(0, -'.000Z'.length);
    return `${seconds}${fractionText(this.nanosOfSecond)}Z`;
  }
}

/**
 * Parse RFC 3339 text. Return null for anything else: dates that do not exist, a missing offset, more than nine digits
 * of the second, which would be cut silently, and leap seconds, which CEL's timestamps do not have.
 */
export function parseTimestamp(text: string): Timestamp | null {
  if (!isRfc3339(text) || LEAP_SECOND.test(text)) return null;
  const fraction = FRACTION.exec(text)?.[1] ?? '';
  if (fraction.length > MAX_FRACTION_DIGITS) return null;
  const offset = text.slice(19 + (fraction === '' ? 0 : fraction.length + 1));
  const wholeSeconds = Date.parse(`${text.slice(0, 19)}${offset}`.toUpperCase());
  return timestampOf(wholeSeconds / 1000, Number(fraction.padEnd(MAX_FRACTION_DIGITS, '0')));
}

/** Return null when the instant is outside the years 1 to 9999. */
export function timestampOf(epochSeconds: number, nanosOfSecond: number): Timestamp | null {
  const isInRange = epochSeconds >= MIN_EPOCH_SECONDS && epochSeconds <= MAX_EPOCH_SECONDS;
  return isInRange ? new Timestamp(epochSeconds, nanosOfSecond) : null;
}

export function timestampOfNanos(epochNanos: bigint): Timestamp | null {
  const remainder = epochNanos % NANOS_PER_SECOND;
  const nanosOfSecond = remainder < 0n ? remainder + NANOS_PER_SECOND : remainder;
  return timestampOf(Number((epochNanos - nanosOfSecond) / NANOS_PER_SECOND), Number(nanosOfSecond));
}

/** CEL's conversions between types. What a type cannot hold is an error, never a near value. */
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { readJson } from '../event/json-value.ts';
import { celValue } from './cel-value.ts';
import { parseDuration, type Duration } from './duration.ts';
import { MAX_YIELDED_DEPTH } from './expression-limits.ts';
import { FunctionError } from './function-error.ts';
import { rememberSpellings } from './received-numbers.ts';
import { parseTimestamp, timestampOf, type Timestamp } from './timestamp.ts';

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

const WHOLE_NUMBER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL_DOUBLES: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {FunctionError} for an integer beyond 64 bits. */
export function checkedInt(value: bigint): bigint {
  if (value >= MIN_INT && value <= MAX_INT) return value;
  throw new FunctionError('integer overflow: an int has 64 bits');
}

export function intFromDouble(value: number): bigint {
  // The doubles next to the limits are whole numbers beyond them.
  if (value > -(2 ** 63) && value < 2 ** 63) return BigInt(Math.trunc(value));
  throw new FunctionError('int() needs a number of 64 bits');
}

export function intFromText(text: string): bigint {
  if (!WHOLE_NUMBER.test(text) || text.length > 20) throw new FunctionError('int() needs a whole number');
  return checkedInt(BigInt(text.replace(/^\+/, '')));
}

export function uintFrom(value: bigint): UnsignedInt {
  if (value >= 0n && value <= MAX_UINT) return new UnsignedInt(value);
  throw new FunctionError('uint() needs a number from 0 up to 64 bits');
}

export function uintFromDouble(value: number): UnsignedInt {
  if (value > -1 && value < 2 ** 64) return new UnsignedInt(BigInt(Math.trunc(value)));
  throw new FunctionError('uint() needs a number from 0 up to 64 bits');
}

export function uintFromText(text: string): UnsignedInt {
  if (!/^\d{1,20}$/.test(text)) throw new FunctionError('uint() needs a whole number');
  return uintFrom(BigInt(text));
}

export function doubleFromText(text: string): number {
  const special = SPECIAL_DOUBLES.get(text.toLowerCase());
  if (special !== undefined) return special;
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new FunctionError('double() needs a number');
}

export function textFromDouble(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return Object.is(value, -0) ? '-0' : `${value}`;
}

export function textFromBytes(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new FunctionError('the bytes are not UTF-8');
  }
}

/** Parse JSON under the rules for received JSON: what could not be sent to Prefect fails here, and digits are kept. */
export function jsonFromBytes(bytes: Uint8Array): unknown {
  const parsed = readJson(textFromBytes(bytes), {
    maxDepth: MAX_YIELDED_DEPTH,
    maxKeys: Number.POSITIVE_INFINITY,
  });
  if (parsed.kind === 'rejected') {
    const { code, detail } = parsed.rejection;
    throw new FunctionError(`json(): ${detail}`, code === 'invalid-json' ? 'expression-failed' : code);
  }
  const { text } = parsed;
  const value = celValue(parsed.value, text);
  if (typeof value === 'object' && value !== null) rememberSpellings(text, value);
  return value;
}

export function timestampFromText(text: string): Timestamp {
  const timestamp = parseTimestamp(text);
  if (timestamp !== null) return timestamp;
  throw new FunctionError('timestamp() needs RFC 3339 with at most 9 digits of the second');
}

export function timestampFromEpochSeconds(epochSeconds: bigint): Timestamp {
  const timestamp = timestampOf(Number(epochSeconds), 0);
  if (timestamp !== null) return timestamp;
  throw new FunctionError('timestamp() is out of range: the years 1 to 9999');
}

export function durationFromText(text: string): Duration {
  const duration = parseDuration(text);
  if (duration !== null) return duration;
  throw new FunctionError('duration() needs text such as "1h30m" or "-0.5s", up to 292 years');
}

/**
 * Functions that the CEL library lacks or has wrong. The library refuses a second function with the signature of one of
 * its own, so ours have a name that ends in `_`; expressions that call `substring` are made to call `substring_`
 * (`call-own-functions.ts`), and users never see the difference.
 */
import type { Environment } from '@marcbachmann/cel-js';
import type { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import {
  checkedInt,
  doubleFromText,
  durationFromText,
  intFromDouble,
  intFromText,
  jsonFromBytes,
  textFromBytes,
  textFromDouble,
  timestampFromEpochSeconds,
  timestampFromText,
  uintFrom,
  uintFromDouble,
  uintFromText,
} from './conversions.ts';
import { Duration, durationOf } from './duration.ts';
import { FunctionError } from './function-error.ts';
import { matchesPattern } from './patterns.ts';
import {
  charAt,
  indexOf,
  lastIndexOf,
  lowerAscii,
  replace,
  split,
  substring,
  trim,
  upperAscii,
} from './string-functions.ts';
import { localDate } from './time-zone.ts';
import { Timestamp, timestampOfNanos } from './timestamp.ts';

const OWN_FUNCTIONS: ReadonlySet<string> = new Set([
  'double',
  'duration',
  'indexOf',
  'int',
  'json',
  'lastIndexOf',
  'lowerAscii',
  'matches',
  'split',
  'string',
  'substring',
  'timestamp',
  'trim',
  'uint',
  'upperAscii',
]);

/** The name under which a function of CEL is registered. */
export function registeredName(name: string): string {
  return OWN_FUNCTIONS.has(name) ? `${name}_` : name;
}

/** A name that expressions must not call: it is ours. */
export function isRegisteredName(name: string): boolean {
  return name.endsWith('_') && OWN_FUNCTIONS.has(name.slice(0, -1));
}

/** A message of the library with the names that users know. */
export function withPublicNames(message: string): string {
  return message.replace(/\b(\w+)_(?=\()/g, (name, publicName: string) =>
    OWN_FUNCTIONS.has(publicName) ? publicName : name,
  );
}

/** None of the functions returns a promise; told so, the library does not look. */
const SYNCHRONOUS = { async: false } as const;

export function registerFunctions(environment: Environment): void {
  environment.registerType('Timestamp', { ctor: Timestamp, fields: {} });
  environment.registerType('Duration', { ctor: Duration, fields: {} });
  registerConversions(environment);
  registerStringFunctions(environment);
  registerTimeFunctions(environment);
  registerTimeOperators(environment);
}

function registerConversions(environment: Environment): void {
  environment
    .registerFunction('int_(int): int', (value: bigint) => value, SYNCHRONOUS)
    .registerFunction('int_(uint): int', (value: UnsignedInt) => checkedInt(value.value), SYNCHRONOUS)
    .registerFunction('int_(double): int', intFromDouble, SYNCHRONOUS)
    .registerFunction('int_(string): int', intFromText, SYNCHRONOUS)
    .registerFunction('int_(Timestamp): int', (value: Timestamp) => BigInt(value.epochSeconds), SYNCHRONOUS)
    .registerFunction('uint_(uint): uint', (value: UnsignedInt) => value, SYNCHRONOUS)
    .registerFunction('uint_(int): uint', uintFrom, SYNCHRONOUS)
    .registerFunction('uint_(double): uint', uintFromDouble, SYNCHRONOUS)
    .registerFunction('uint_(string): uint', uintFromText, SYNCHRONOUS)
    .registerFunction('double_(double): double', (value: number) => value, SYNCHRONOUS)
    .registerFunction('double_(int): double', (value: bigint) => Number(value), SYNCHRONOUS)
    .registerFunction('double_(uint): double', (value: UnsignedInt) => Number(value.value), SYNCHRONOUS)
    .registerFunction('double_(string): double', doubleFromText, SYNCHRONOUS)
    .registerFunction('string_(string): string', (value: string) => value, SYNCHRONOUS)
    .registerFunction('string_(bool): string', String, SYNCHRONOUS)
    .registerFunction('string_(int): string', String, SYNCHRONOUS)
    .registerFunction('string_(uint): string', String, SYNCHRONOUS)
    .registerFunction('string_(double): string', textFromDouble, SYNCHRONOUS)
    .registerFunction('string_(bytes): string', textFromBytes, SYNCHRONOUS)
    .registerFunction('string_(Timestamp): string', String, SYNCHRONOUS)
    .registerFunction('string_(Duration): string', String, SYNCHRONOUS)
    .registerFunction('bytes.string_(): string', textFromBytes, SYNCHRONOUS)
    .registerFunction('bytes.json_(): dyn', jsonFromBytes, SYNCHRONOUS)
    .registerFunction('timestamp_(string): Timestamp', timestampFromText, SYNCHRONOUS)
    .registerFunction('timestamp_(int): Timestamp', timestampFromEpochSeconds, SYNCHRONOUS)
    .registerFunction('timestamp_(Timestamp): Timestamp', (value: Timestamp) => value, SYNCHRONOUS)
    .registerFunction('duration_(string): Duration', durationFromText, SYNCHRONOUS)
    .registerFunction('duration_(Duration): Duration', (value: Duration) => value, SYNCHRONOUS);
}

function registerStringFunctions(environment: Environment): void {
  environment
    .registerFunction('string.matches_(string): bool', matchesPattern, SYNCHRONOUS)
    .registerFunction('matches_(string, string): bool', matchesPattern, SYNCHRONOUS)
    .registerFunction('string.substring_(int): string', substring, SYNCHRONOUS)
    .registerFunction('string.substring_(int, int): string', substring, SYNCHRONOUS)
    .registerFunction('string.charAt(int): string', charAt, SYNCHRONOUS)
    .registerFunction('string.replace(string, string): string', replace, SYNCHRONOUS)
    .registerFunction('string.replace(string, string, int): string', replace, SYNCHRONOUS)
    .registerFunction('string.indexOf_(string): int', indexOf, SYNCHRONOUS)
    .registerFunction('string.indexOf_(string, int): int', indexOf, SYNCHRONOUS)
    .registerFunction('string.lastIndexOf_(string): int', lastIndexOf, SYNCHRONOUS)
    .registerFunction('string.lastIndexOf_(string, int): int', lastIndexOf, SYNCHRONOUS)
    .registerFunction('string.split_(string): list<string>', split, SYNCHRONOUS)
    .registerFunction('string.split_(string, int): list<string>', split, SYNCHRONOUS)
    .registerFunction('string.lowerAscii_(): string', lowerAscii, SYNCHRONOUS)
    .registerFunction('string.upperAscii_(): string', upperAscii, SYNCHRONOUS)
    .registerFunction('string.trim_(): string', trim, SYNCHRONOUS);
}

const DATE_FIELDS: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getDayOfYear: dayOfYear,
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

/** Functions whose last argument is the name of a time zone. */
export const TIME_ZONE_FUNCTIONS: ReadonlySet<string> = new Set(Object.keys(DATE_FIELDS));

function registerTimeFunctions(environment: Environment): void {
  for (const [name, read] of Object.entries(DATE_FIELDS)) {
    const readIn = (timestamp: Timestamp, zone = 'UTC'): bigint => {
      const date = localDate(timestamp, zone);
      if (date === null) throw new FunctionError(`${name}() needs the name of a time zone`);
      return BigInt(read(date));
    };
    environment
      .registerFunction(`Timestamp.${name}(): int`, readIn, SYNCHRONOUS)
      .registerFunction(`Timestamp.${name}(string): int`, readIn, SYNCHRONOUS);
  }
  environment
    .registerFunction('Duration.getHours(): int', ({ hours }: Duration) => hours, SYNCHRONOUS)
    .registerFunction('Duration.getMinutes(): int', ({ minutes }: Duration) => minutes, SYNCHRONOUS)
    .registerFunction('Duration.getSeconds(): int', ({ seconds }: Duration) => seconds, SYNCHRONOUS)
    .registerFunction(
      'Duration.getMilliseconds(): int',
      ({ milliseconds }: Duration) => milliseconds,
      SYNCHRONOUS,
    );
}

function dayOfYear(date: Date): number {
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  return Math.round((date.getTime() - start.getTime()) / 86_400_000);
}

function registerTimeOperators(environment: Environment): void {
  environment
    .registerOperator('Timestamp - Timestamp: Duration', (left: Timestamp, right: Timestamp) =>
      inRange(durationOf(left.epochNanos - right.epochNanos)),
    )
    .registerOperator('Timestamp - Duration: Timestamp', (left: Timestamp, right: Duration) =>
      inRange(timestampOfNanos(left.epochNanos - right.totalNanos)),
    )
    .registerOperator('Timestamp + Duration: Timestamp', (left: Timestamp, right: Duration) =>
      inRange(timestampOfNanos(left.epochNanos + right.totalNanos)),
    )
    .registerOperator('Duration + Timestamp: Timestamp', (left: Duration, right: Timestamp) =>
      inRange(timestampOfNanos(left.totalNanos + right.epochNanos)),
    )
    .registerOperator('Duration + Duration: Duration', (left: Duration, right: Duration) =>
      inRange(durationOf(left.totalNanos + right.totalNanos)),
    )
    .registerOperator('Duration - Duration: Duration', (left: Duration, right: Duration) =>
      inRange(durationOf(left.totalNanos - right.totalNanos)),
    );
  registerOrder(environment, 'Timestamp');
  registerOrder(environment, 'Duration');
}

type TimeValue = Timestamp | Duration;

/** The operands are of one type: the library has seen to it. */
function nanos(value: TimeValue): bigint {
  return value instanceof Timestamp ? value.epochNanos : value.totalNanos;
}

function registerOrder(environment: Environment, type: 'Timestamp' | 'Duration'): void {
  environment
    .registerOperator(
      `${type} == ${type}`,
      (left: TimeValue, right: TimeValue) => nanos(left) === nanos(right),
    )
    .registerOperator(`${type} < ${type}`, (left: TimeValue, right: TimeValue) => nanos(left) < nanos(right))
    .registerOperator(
      `${type} <= ${type}`,
      (left: TimeValue, right: TimeValue) => nanos(left) <= nanos(right),
    )
    .registerOperator(`${type} > ${type}`, (left: TimeValue, right: TimeValue) => nanos(left) > nanos(right))
    .registerOperator(
      `${type} >= ${type}`,
      (left: TimeValue, right: TimeValue) => nanos(left) >= nanos(right),
    );
}

function inRange<Value>(value: Value | null): Value {
  if (value !== null) return value;
  throw new FunctionError(
    'the result is out of range: timestamps from the year 1 to 9999, durations up to 292 years',
  );
}

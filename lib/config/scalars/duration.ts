/**
 * Durations: `500ms`, `10s`, `5m`, `2h`, `15d`, `1h30m`, or ISO 8601 as in `PT10S`. A bare number is refused, except
 * for 0 where that is allowed, which is the same in every unit.
 */
import type { z } from 'zod';
import { describeValue } from '../issues/describe-value.ts';
import { scalar, InvalidValue, type ScalarSchema } from './scalar.ts';

export type DurationText = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}` | `P${string}` | `${number}h${number}m`;

const SHORT =
  /^(?:(?<d>\d+)d)?(?:(?<h>\d+)h)?(?:(?<m>\d+)m(?!s))?(?:(?<s>\d+(?:\.\d+)?)s)?(?:(?<ms>\d+)ms)?$/;
const ISO = /^P(?:(?<w>\d+)W)?(?:(?<d>\d+)D)?(?:T(?:(?<h>\d+)H)?(?:(?<m>\d+)M)?(?:(?<s>\d+(?:\.\d+)?)S)?)?$/;
const MS_PER_UNIT = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const PATTERN =
  '^(?=\\d)(\\d+d)?(\\d+h)?(\\d+m(?!s))?(\\d+(\\.\\d+)?s)?(\\d+ms)?$|^P(?=.*\\d)(\\d+W)?(\\d+D)?(T(\\d+H)?(\\d+M)?(\\d+(\\.\\d+)?S)?)?$';
const FIX = 'write a number and a unit: 500ms, 10s, 5m, 2h, 15d, or ISO 8601 as in PT10S';

/** Return milliseconds, or null if the text is not a duration. */
export function parseDurationMs(text: string): number | null {
  const groups = (SHORT.exec(text) ?? ISO.exec(text))?.groups;
  if (groups === undefined || !/\d/.test(text)) return null;
  return Object.entries(MS_PER_UNIT).reduce(
    (sum, [unit, msPerUnit]) => sum + Number(groups[unit] ?? 0) * msPerUnit,
    0,
  );
}

/** Write a duration in the largest unit of which it is a whole number: `14d`, `90s`. */
export function durationText(seconds: number): DurationText {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

interface DurationLimits {
  readonly minimum: DurationText;
  readonly maximum: DurationText;
  readonly examples?: readonly (string | 0)[];
}

export function durationInMs(limits: DurationLimits): z.ZodType<number, DurationText> {
  return durationIn(1, 'milliseconds', limits);
}

export function durationInSeconds(limits: DurationLimits): z.ZodType<number, DurationText> {
  return durationIn(1000, 'seconds', limits);
}

export function durationInDays(limits: DurationLimits): z.ZodType<number, DurationText> {
  return durationIn(86_400_000, 'days', limits);
}

export function durationFromZeroInSeconds(
  limits: Omit<DurationLimits, 'minimum'>,
): z.ZodType<number, DurationText | 0> {
  const read = durationReader(1000, 'seconds', { minimum: '0s', ...limits });
  return scalar<DurationText | 0, number>((value) => (value === 0 ? 0 : read(value)), {
    ...durationSchema({ minimum: '0s', ...limits }),
    type: ['string', 'integer'],
    minimum: 0,
    maximum: 0,
  });
}

function durationIn(
  msPerUnit: number,
  unitName: string,
  limits: DurationLimits,
): z.ZodType<number, DurationText> {
  return scalar<DurationText, number>(durationReader(msPerUnit, unitName, limits), durationSchema(limits));
}

function durationReader(
  msPerUnit: number,
  unitName: string,
  { minimum, maximum }: DurationLimits,
): (value: unknown) => number | InvalidValue {
  const minimumMs = parseDurationMs(minimum) ?? 0;
  const maximumMs = parseDurationMs(maximum) ?? Number.POSITIVE_INFINITY;
  return (value) => {
    const found = describeValue(value);
    if (typeof value === 'number') {
      return new InvalidValue('missing-unit', found, `write it with a unit, for example ${value}s`);
    }
    if (typeof value !== 'string') return new InvalidValue('wrong-type', found, FIX);
    const ms = parseDurationMs(value);
    if (ms === null) {
      const bare = /^\d+$/.test(value);
      return bare
        ? new InvalidValue('missing-unit', found, `write it with a unit, for example ${value}s`)
        : new InvalidValue('invalid-duration', found, FIX);
    }
    if (!Number.isInteger(ms / msPerUnit)) {
      return new InvalidValue('invalid-duration', found, `write whole ${unitName}, ${minimum} to ${maximum}`);
    }
    if (ms >= minimumMs && ms <= maximumMs) return ms / msPerUnit;
    return new InvalidValue('out-of-range', found, `write ${minimum} to ${maximum}`);
  };
}

function durationSchema({ minimum, maximum, examples }: DurationLimits): ScalarSchema {
  return {
    title: `Duration, ${minimum} to ${maximum}`,
    type: 'string',
    pattern: PATTERN,
    examples: examples ?? [minimum, maximum],
  };
}

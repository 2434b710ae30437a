/**
 * The cron expressions of AWS (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based):
 * `cron(minutes hours day-of-month month day-of-week year)`. Translate what a window needs of them to patterns of
 * `croner`, and refuse the rest.
 */

export type ParsedCron =
  | { readonly kind: 'cron'; readonly patterns: readonly string[] }
  /** `fix` says what to write instead. */
  | { readonly kind: 'refused'; readonly fix: string };

const FORM = /^cron\(\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*\)$/;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Field {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Names of its values, the first of them for the minimum. */
  readonly names: readonly string[];
}

const MINUTES: Field = { name: 'minutes', minimum: 0, maximum: 59, names: [] };
const HOURS: Field = { name: 'hours', minimum: 0, maximum: 23, names: [] };
const DAYS_OF_MONTH: Field = { name: 'day of month', minimum: 1, maximum: 31, names: [] };
const MONTHS_OF_YEAR: Field = { name: 'month', minimum: 1, maximum: 12, names: MONTHS };
const DAYS_OF_WEEK: Field = { name: 'day of week', minimum: 1, maximum: 7, names: DAYS };

/** Beyond that, times of a day are one pattern, which passes over those that a day does not have. */
const MAX_TIMES_OF_DAY = 48;

export function parseAwsCron(text: string): ParsedCron {
  const [, minutes, hours, dayOfMonth, month, dayOfWeek, year] = FORM.exec(text.trim()) ?? [];
  if (
    minutes === undefined ||
    hours === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined ||
    year === undefined
  ) {
    return refused('write cron(minutes hours day-of-month month day-of-week year), as in cron(0 2 * * ? *)');
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    return refused('write ? for one of day of month and day of week, and for one only');
  }
  if (year !== '*') return refused('write * for the year: a window that closes never again would be stuck');
  const atMinutes = valuesOf(minutes, MINUTES);
  const atHours = valuesOf(hours, HOURS);
  const ofMonth = dayOfMonth === 'L' ? 'L' : valuesOf(dayOfMonth, DAYS_OF_MONTH);
  const inMonths = valuesOf(month, MONTHS_OF_YEAR);
  const ofWeek = valuesOf(dayOfWeek, DAYS_OF_WEEK);
  if (isBroken(atMinutes)) return refused(atMinutes.fix);
  if (isBroken(atHours)) return refused(atHours.fix);
  if (isBroken(ofMonth)) return refused(ofMonth.fix);
  if (isBroken(inMonths)) return refused(inMonths.fix);
  if (isBroken(ofWeek)) return refused(ofWeek.fix);
  const days = [ofMonth, inMonths, daysFromSunday(ofWeek)].map(patternOf).join(' ');
  return { kind: 'cron', patterns: timesOfDay(atMinutes, atHours).map((time) => `0 ${time} ${days}`) };
}

type Values = readonly number[] | '*' | 'L';
interface BrokenField {
  readonly fix: string;
}

function valuesOf(text: string, field: Field): Values | BrokenField {
  if (text === '*' || text === '?') return '*';
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const found = rangeOf(item, field);
    if (found === null) {
      const { name, minimum, maximum, names } = field;
      const named = names.length === 0 ? '' : ` or ${names[0] ?? ''} to ${names.at(-1) ?? ''}`;
      return {
        fix: `write * or numbers from ${minimum} to ${maximum}${named} for the ${name}, with , - and /; L, W and # are not supported there`,
      };
    }
    for (let value = found.first; value <= found.last; value += found.step) values.add(value);
  }
  return [...values].sort((one, other) => one - other);
}

/** `5`, `1-5`, `MON-FRI`, `0/15`, `*` with a step. */
function rangeOf(
  item: string,
  field: Field,
): { readonly first: number; readonly last: number; readonly step: number } | null {
  const [, start = '', end, stepText] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step < 1 || (start === '*' && (end !== undefined || stepText === undefined))) return null;
  const first = start === '*' ? field.minimum : valueOf(start, field);
  const implied = stepText === undefined ? first : field.maximum;
  const last = end === undefined ? implied : valueOf(end, field);
  return first === null || last === null || first > last ? null : { first, last, step };
}

function valueOf(text: string, { minimum, maximum, names }: Field): number | null {
  const named = names.indexOf(text.toUpperCase());
  const value = named === -1 ? Number(text) : named + minimum;
  return /^\d+$/.test(text) || named !== -1 ? (value >= minimum && value <= maximum ? value : null) : null;
}

/** Sunday is 1 to AWS and 0 to `croner`. */
function daysFromSunday(days: Values): Values {
  return typeof days === 'string' ? days : days.map((day) => day - 1);
}

/**
 * Each time of the day by itself, so that none is passed over when the clock goes forward and none comes twice when it
 * goes back. Where every hour counts, time goes on instead: an hour that comes twice closes twice.
 */
function timesOfDay(minutes: Values, hours: Values): readonly string[] {
  if (
    typeof minutes === 'string' ||
    typeof hours === 'string' ||
    minutes.length * hours.length > MAX_TIMES_OF_DAY
  )
    return [`${patternOf(minutes)} ${patternOf(hours)}`];
  return hours.flatMap((hour) => minutes.map((minute) => `${minute} ${hour}`));
}

function patternOf(values: Values): string {
  return typeof values === 'string' ? values : values.join(',');
}

function isBroken(values: Values | BrokenField): values is BrokenField {
  return typeof values === 'object' && 'fix' in values;
}

function refused(fix: string): ParsedCron {
  return { kind: 'refused', fix };
}

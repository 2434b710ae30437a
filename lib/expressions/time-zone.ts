/** Local time of an instant, for `getHours("Europe/Berlin")` and its like. */
import type { Timestamp } from './timestamp.ts';

const OFFSET = /^([+-]?)(\d{2}):(\d{2})$/;

/** There are about 600 zones; a sender who spells their names in other cases does not fill the memory. */
const MAX_FORMATTERS = 1000;
const FORMATTERS = new Map<string, Intl.DateTimeFormat>();

/** Return the local date and time as the UTC fields of a date, or null for a zone that does not exist. */
export function localDate({ epochSeconds, nanosOfSecond }: Timestamp, zone: string): Date | null {
  const epochMs = epochSeconds * 1000 + Math.floor(nanosOfSecond / 1_000_000);
  if (zone === 'UTC') return new Date(epochMs);
  const [, sign, hours, minutes] = OFFSET.exec(zone) ?? [];
  if (hours !== undefined && minutes !== undefined) {
    const offsetMinutes = Number(hours) * 60 + Number(minutes);
    return new Date(epochMs + (sign === '-' ? -1 : 1) * offsetMinutes * 60_000);
  }
  const formatter = formatterOf(zone);
  if (formatter === null) return null;
  const parts = new Map(formatter.formatToParts(epochMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = new Date(0);
  local.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'), Math.floor(nanosOfSecond / 1_000_000));
  return local;
}

export function isTimeZone(zone: string): boolean {
  return zone === 'UTC' || OFFSET.test(zone) || formatterOf(zone) !== null;
}

function formatterOf(zone: string): Intl.DateTimeFormat | null {
  const known = FORMATTERS.get(zone);
  if (known !== undefined) return known;
  try {
    const formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (FORMATTERS.size >= MAX_FORMATTERS) FORMATTERS.clear();
    FORMATTERS.set(zone, formatter);
    return formatter;
  } catch {
    return null;
  }
}

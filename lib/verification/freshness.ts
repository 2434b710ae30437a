/** How old a signed request may be, and how far ahead the sender's clock: the window in which it can be replayed. */
import { isRfc3339 } from '../event/rfc3339.ts';

/** Seconds or milliseconds since 1970, or date and time. */
export type TimestampUnit = 's' | 'ms' | 'rfc3339';

export type Freshness = 'fresh' | 'malformed' | 'too-old' | 'in-future';

/** Digits alone, and so few that the number is exact: parseInt would take "1614265330abc". */
const DIGITS: Readonly<Record<Exclude<TimestampUnit, 'rfc3339'>, RegExp>> = {
  s: /^\d{1,12}$/,
  ms: /^\d{1,15}$/,
};

/** An age of exactly the tolerance is still fresh, in whole units as senders count. */
export function freshnessOf(
  timestampText: string,
  unit: TimestampUnit,
  toleranceSeconds: number,
  nowEpochMs: number,
): Freshness {
  const timestamp = timestampOf(timestampText, unit);
  if (timestamp === null) return 'malformed';
  const perSecond = unit === 's' ? 1 : 1000;
  const now = unit === 's' ? Math.floor(nowEpochMs / 1000) : nowEpochMs;
  const age = now - timestamp;
  if (age > toleranceSeconds * perSecond) return 'too-old';
  return -age > toleranceSeconds * perSecond ? 'in-future' : 'fresh';
}

/** Seconds for `s`, else milliseconds; null if the text has another form. */
function timestampOf(text: string, unit: TimestampUnit): number | null {
  if (unit !== 'rfc3339') return DIGITS[unit].test(text) ? Number(text) : null;
  const epochMs = isRfc3339(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(epochMs) ? null : epochMs;
}

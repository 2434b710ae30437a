/** How old a signed request may be, and how far ahead the sender's clock: the window in which it can be replayed. */

export type TimestampUnit = 's' | 'ms';

export type Freshness = 'fresh' | 'malformed' | 'too-old' | 'in-future';

/** Digits alone, and so few that the number is exact: parseInt would take "1614265330abc". */
const DIGITS: Readonly<Record<TimestampUnit, RegExp>> = { s: /^\d{1,12}$/, ms: /^\d{1,15}$/ };

/** An age of exactly the tolerance is still fresh, in whole units as senders count. */
export function freshnessOf(
  timestampText: string,
  unit: TimestampUnit,
  toleranceSeconds: number,
  nowEpochMs: number,
): Freshness {
  if (!DIGITS[unit].test(timestampText)) return 'malformed';
  const perSecond = unit === 's' ? 1 : 1000;
  const now = unit === 's' ? Math.floor(nowEpochMs / 1000) : nowEpochMs;
  const age = now - Number(timestampText);
  if (age > toleranceSeconds * perSecond) return 'too-old';
  return -age > toleranceSeconds * perSecond ? 'in-future' : 'fresh';
}

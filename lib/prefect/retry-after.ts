/** The `Retry-After` header: RFC 9110 section 10.2.3, and the decimals that Prefect adds to it (`1.62`). */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 9110 section 5.6.7: the preferred form, then the two obsolete ones that a recipient must accept. */
const HTTP_DATES = [
  /^\w{3}, (?<day>\d{2}) (?<month>\w{3}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^\w{6,9}, (?<day>\d{2})-(?<month>\w{3})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/** How long to wait, 0 for a date that has passed; null for what is no `Retry-After`: never a guess. */
export function retryAfterMs(header: string | undefined, nowEpochMs: number): number | null {
  const value = header?.trim() ?? '';
  if (/^\d{1,9}(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const dateEpochMs = parseHttpDate(value, nowEpochMs);
  return dateEpochMs === null ? null : Math.max(0, dateEpochMs - nowEpochMs);
}

function parseHttpDate(value: string, nowEpochMs: number): number | null {
  for (const format of HTTP_DATES) {
    const { day, month = '', year = '', time } = format.exec(value)?.groups ?? {};
    if (!MONTHS.includes(month)) continue;
    const dayOfMonth = Number(day).toString().padStart(2, '0');
    const monthOfYear = (MONTHS.indexOf(month) + 1).toString().padStart(2, '0');
    const isoDate = `${fullYear(year, nowEpochMs)}-${monthOfYear}-${dayOfMonth}T${time ?? ''}Z`;
    const epochMs = Date.parse(isoDate);
    return Number.isNaN(epochMs) ? null : epochMs;
  }
  return null;
}

/** A two-digit year that would be more than 50 years ahead is in the past (RFC 9110 section 5.6.7). */
function fullYear(year: string, nowEpochMs: number): string {
  if (year.length === 4) return year;
  const currentYear = new Date(nowEpochMs).getUTCFullYear();
  const sameCentury = currentYear - (currentYear % 100) + Number(year);
  return String(sameCentury > currentYear + 50 ? sameCentury - 100 : sameCentury);
}

/** List prices of AWS, from one data file that has their date and their sources. */
import prices from './prices.json' with { type: 'json' };

export const PRICES = prices;

/** AWS bills by the hour and by the month; figures of this estimate are for a month of 30 days. */
export const DAYS_PER_MONTH = 30;
export const HOURS_PER_MONTH = 24 * DAYS_PER_MONTH;
export const SECONDS_PER_MONTH = 3600 * HOURS_PER_MONTH;

/** AWS counts gigabytes of logs and storage as 2^30 bytes. */
export const BYTES_PER_GB = 1024 ** 3;

export interface PriceTier {
  /** Amount at which the tier ends; null for the last one. */
  readonly upTo: number | null;
  readonly price: number;
}

/** Price an amount of which the first part costs more than the rest. */
export function tieredPrice(amount: number, tiers: readonly PriceTier[]): number {
  let from = 0;
  let dollars = 0;
  for (const { upTo, price } of tiers) {
    const end = Math.min(amount, upTo ?? Number.POSITIVE_INFINITY);
    dollars += Math.max(0, end - from) * price;
    from = end;
  }
  return dollars;
}

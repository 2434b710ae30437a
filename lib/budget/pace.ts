/**
 * How fast requests may follow each other, so that in any 60 seconds no more than a number of them is sent.
 *
 * The generic cell rate algorithm keeps one number: up to when the budget is spent (`tat`, theoretical arrival time). A request costs
 * `intervalMs`, and is allowed while the budget is spent at most `toleranceMs` ahead of the clock. In a span of L ms that
 * allows L / interval requests and a burst. A lease is used up to `LEASE_VALID_MS` after it was taken, so what is sent in
 * 60 s was leased within 60 s and that time: burst and validity are taken off the figure here, once.
 */

/** A lease that was not used by then has to be taken again. */
export const LEASE_VALID_MS = 3_000;

const MINUTE_MS = 60_000;
const LARGEST_BURST = 100;

/** A probe costs a request beyond the tolerance. */
const PROBES_AT_A_TIME = 1;

export interface Pace {
  readonly intervalMs: number;
  readonly toleranceMs: number;
}

/** `rateShare` is the share of the budget that is in use, from above 0 to 1: a 429 halves it. */
export function paceOf(requestsPerMinute: number, rateShare: number): Pace {
  const burst = Math.max(1, Math.min(LARGEST_BURST, Math.floor(requestsPerMinute / 20)));
  const sustained = Math.max(1, requestsPerMinute - burst - PROBES_AT_A_TIME);
  const fullIntervalMs = (MINUTE_MS + LEASE_VALID_MS) / sustained;
  const intervalMs = Math.ceil(fullIntervalMs / rateShare);
  // A share that is small must not keep the one request waiting that it allows.
  return { intervalMs, toleranceMs: Math.max(Math.floor(burst * fullIntervalMs), intervalMs) };
}

export interface LeaseWish {
  readonly tatEpochMs: number;
  readonly nowEpochMs: number;
  readonly pace: Pace;
  readonly wanted: number;
  /** The share of the burst that the caller may use, above 0 to 1: live traffic all of it, background work a quarter. */
  readonly share: number;
  /** How long the caller can wait for its slot. */
  readonly maxWaitMs: number;
}

export type LeasePlan =
  | {
      readonly kind: 'lease';
      readonly count: number;
      /** What is added to `tat`. */
      readonly costMs: number;
      /** `tat` may be this much, at most, before the cost is added. */
      readonly latestTatEpochMs: number;
    }
  | { readonly kind: 'wait'; readonly waitMs: number };

/** Plan to lease as much of what is wanted as the budget has. */
export function planLease(wish: LeaseWish): LeasePlan {
  const { pace, nowEpochMs, wanted, maxWaitMs } = wish;
  const horizonEpochMs = nowEpochMs + toleranceOf(wish) + maxWaitMs;
  const spentUntilEpochMs = Math.max(wish.tatEpochMs, nowEpochMs);
  const available = Math.floor((horizonEpochMs - spentUntilEpochMs) / pace.intervalMs);
  if (available < 1) {
    return { kind: 'wait', waitMs: spentUntilEpochMs + pace.intervalMs - nowEpochMs - toleranceOf(wish) };
  }
  const count = Math.min(wanted, available);
  const costMs = count * pace.intervalMs;
  return { kind: 'lease', count, costMs, latestTatEpochMs: horizonEpochMs - costMs };
}

/** When a lease can be used that moved `tat` to `newTatEpochMs`: now, or at its slot. */
export function slotOf(newTatEpochMs: number, wish: Omit<LeaseWish, 'tatEpochMs'>): number {
  return Math.max(wish.nowEpochMs, newTatEpochMs - toleranceOf(wish));
}

function toleranceOf({ pace, share }: Pick<LeaseWish, 'pace' | 'share'>): number {
  return Math.max(pace.intervalMs, Math.floor(pace.toleranceMs * share));
}

/** Selection of the dead letters that a redrive sends. */
import type { DeadLetterSummary } from '../dead-letters/dead-letter-message.ts';

/** A null bound and an empty list select everything. */
export interface DeadLetterFilter {
  readonly sources: readonly string[];
  readonly routes: readonly string[];
  readonly codes: readonly string[];
  /** Inclusive lower bound of the time at which the dead letter was written. */
  readonly sinceEpochMs: number | null;
  /** Exclusive upper bound of the time at which the dead letter was written. */
  readonly untilEpochMs: number | null;
}

export function matches(summary: DeadLetterSummary, filter: DeadLetterFilter): boolean {
  const { sources, routes, codes, sinceEpochMs, untilEpochMs } = filter;
  return (
    includesOrEmpty(sources, summary.source) &&
    includesOrEmpty(routes, summary.route) &&
    includesOrEmpty(codes, summary.code) &&
    summary.deadLetteredAtEpochMs >= (sinceEpochMs ?? Number.NEGATIVE_INFINITY) &&
    summary.deadLetteredAtEpochMs < (untilEpochMs ?? Number.POSITIVE_INFINITY)
  );
}

function includesOrEmpty(wanted: readonly string[], value: string | null): boolean {
  return wanted.length === 0 || (value !== null && wanted.includes(value));
}

/** Which dead letters a redrive is about. */
import type { LetterFacts } from '../dead-letters/dead-letter-message.ts';

/** What is null or empty lets everything pass. */
export interface LetterFilter {
  readonly sources: readonly string[];
  readonly routes: readonly string[];
  readonly codes: readonly string[];
  /** When the letter was written: from the first on, before the second. */
  readonly sinceEpochMs: number | null;
  readonly untilEpochMs: number | null;
}

export function isMeant(facts: LetterFacts, filter: LetterFilter): boolean {
  const { sources, routes, codes, sinceEpochMs, untilEpochMs } = filter;
  return (
    isAmong(facts.source, sources) &&
    isAmong(facts.route, routes) &&
    isAmong(facts.code, codes) &&
    facts.deadLetteredAtEpochMs >= (sinceEpochMs ?? Number.NEGATIVE_INFINITY) &&
    facts.deadLetteredAtEpochMs < (untilEpochMs ?? Number.POSITIVE_INFINITY)
  );
}

function isAmong(value: string | null, wanted: readonly string[]): boolean {
  return wanted.length === 0 || (value !== null && wanted.includes(value));
}

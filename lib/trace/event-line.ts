/** The log lines of events, which the functions write (`functions/outcome-report.ts`), as a trace reads them. */
import { isObject, parseJson } from '../json/untrusted-json.ts';

export interface EventLine {
  /** RFC 3339. */
  readonly at: string;
  readonly source: string;
  readonly outcome: string;
  readonly eventId: string | null;
  readonly recordId: string | null;
  readonly claimKey: string | null;
  readonly route: string | null;
  readonly flowRunId: string | null;
  /** Why it was dead-lettered, retried or filtered. */
  readonly code: string | null;
  readonly detail: string | null;
}

/** Null for any other line. */
export function parseEventLine(text: string): EventLine | null {
  const line = parseJson(text);
  if (!isObject(line) || line['message'] !== 'event') return null;
  const field = (name: string): string | null => {
    const value = line[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const [at, source, outcome] = [field('timestamp'), field('source'), field('outcome')];
  if (at === null || source === null || outcome === null) return null;
  return {
    at,
    source,
    outcome,
    eventId: field('eventId'),
    recordId: field('recordId'),
    claimKey: field('claim'),
    route: field('route'),
    flowRunId: field('flowRunId'),
    code: field('code') ?? field('reason'),
    detail: field('detail'),
  };
}

export interface LogSearchResult {
  /** Oldest first. */
  readonly lines: readonly string[];
  /** False when the search ended at one of its bounds. */
  readonly isComplete: boolean;
  readonly requests: number;
}

export interface LogSearch {
  /** Find lines that hold this text, since a time. Bounded in time and requests. */
  findLines(text: string, sinceEpochMs: number): Promise<LogSearchResult>;
}

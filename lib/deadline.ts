/**
 * The time budget of an invocation. Every part of the work reserves the time that the work after it needs, so that the
 * response to the source is on time whatever is slow; all reserves stand here, since they only make sense together.
 */
import type { Deadline } from './ports.ts';

/** What has to remain of the invocation, in milliseconds, by the work that is started. */
export const RESERVE_MS = {
  /** A round of effects: a request to the table, and the response to the source. */
  round: 1_500,
  /** A request to Prefect or S3: the record, the dead letters, and the response after it. */
  request: 2_000,
  /** A poll of the status of a flow run: a last pause, a last read, and the HTTP response. */
  statusPoll: 3_500,
  /** A lookup in Prefect by a reconciliation: the records that it writes, and its report. */
  lookup: 5_000,
  /** A flush by the sweep: all runs of up to ten windows. */
  sweep: 15_000,
  /** A page of the table: a megabyte, with the lookups of its batches. */
  page: 20_000,
} as const;

export type Work = keyof typeof RESERVE_MS;

/** A request with less time would only be cut off. */
const SHORTEST_REQUEST_MS = 250;

/** Return whether there is time to start this work. */
export function hasTimeFor(work: Work, deadline: Deadline): boolean {
  return deadline.remainingMs() > RESERVE_MS[work];
}

/** Return the time-out of a request, at most `limitMs`; null if there is no time for it. */
export function requestTimeoutMs(work: Work, limitMs: number, deadline: Deadline): number | null {
  const timeoutMs = Math.min(limitMs, deadline.remainingMs() - RESERVE_MS[work]);
  return timeoutMs < SHORTEST_REQUEST_MS ? null : timeoutMs;
}

/** Asks the budget before anything is begun: what would have to wait halfway is not claimed, and no window is sealed for it. */
import type { AdmissionResult, Held } from '../budget/request-budget.ts';
import { RESERVE_MS } from '../deadline.ts';
import type { Deadline } from '../ports.ts';

export interface WorkBudget {
  /** Lease up to so many requests to Prefect ahead. */
  reserve(wanted: number, maxWaitMs: number): Promise<AdmissionResult>;
}

export interface Admitted<Work> {
  readonly admitted: readonly Work[];
  /** What has to wait, and why. */
  readonly waiting: readonly Work[];
  readonly held: Held | null;
}

/** How long the next slot is worth waiting for inside an invocation. */
export const LONGEST_WAIT_MS = {
  /** Messages and timers can wait in their queue. */
  queue: 2_000,
  /** Records of Kafka cannot be delayed. */
  topic: 20_000,
} as const;

/** Each piece of work sends a request to Prefect, the first ones first. Without a budget all of it is admitted. */
export async function admitWork<Work>(
  work: readonly Work[],
  budget: WorkBudget | undefined,
  longestWaitMs: number,
  deadline: Deadline,
): Promise<Admitted<Work>> {
  if (budget === undefined || work.length === 0) return { admitted: work, waiting: [], held: null };
  // The work itself takes its time, after the wait.
  const maxWaitMs = Math.max(0, Math.min(longestWaitMs, deadline.remainingMs() - RESERVE_MS.sweep));
  const result = await budget.reserve(work.length, maxWaitMs);
  if (result.kind === 'held') return { admitted: [], waiting: work, held: result };
  const waiting = work.slice(result.count);
  return { admitted: work.slice(0, result.count), waiting, held: waiting.length === 0 ? null : REST_WAITS };
}

/** The budget has room for a part of the work. */
const REST_WAITS: Held = {
  kind: 'held',
  by: 'budget',
  detail: 'the budget of requests to Prefect is used up',
  retryAfterMs: 1_000,
};

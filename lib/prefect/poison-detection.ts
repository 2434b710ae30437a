/** Telling a batch that Prefect cannot take from a Prefect that is down: both answer 500 or 503. */

/** Counts since the request in question failed first. */
export interface FailureEvidence {
  /** How often this very request was answered 500 or 503, and never anything else. */
  readonly failures: number;
  /** How often Prefect made another run in that time. */
  readonly othersCreated: number;
  /** How often it answered 500 or 503 to another. */
  readonly othersFailed: number;
}

/** Of ten thousand healthy batches one is suspected, and even that one is dead-lettered with its reason, not lost. */
const ACCEPTED_ERROR = 1e-4;

/**
 * True when the request itself is at fault: it should be sent in smaller parts, under its own key, until the event that
 * Prefect cannot take stands alone.
 *
 * Prefect answers 503 to any database error and 500 to any surprise, the ones that input causes included: a NUL
 * on Postgres, too deep a nesting, too long an integer. Such a batch fails permanently, with the same body that an outage
 * has (prefect/server/api/server.py, `is_client_retryable_exception`). But a healthy server on SQLite also
 * answers 503 to most of what is sent at once. So the question is how likely this request's failures would be if it
 * were like the others: rate of failure among the others, to the power of its own failures. While nothing
 * else passes, nothing is suspected.
 */
export function isRequestSuspect({ failures, othersCreated, othersFailed }: FailureEvidence): boolean {
  // Laplace's rule of succession: two others that succeeded do not prove that all others do.
  const othersFailureRate = (othersFailed + 1) / (othersCreated + othersFailed + 2);
  return othersCreated > 0 && othersFailureRate ** failures < ACCEPTED_ERROR;
}

/** Telling a batch that Prefect cannot take from a Prefect that is down: both answer 500 or 503. */

export interface FailedCreate {
  /** HTTP status of the failed create; 0: no answer. */
  readonly status: number;
  /** How often the source has delivered the batch's most delivered event, this time included. */
  readonly deliveryCount: number;
  /** Prefect took another batch after this one's first failure. */
  readonly othersCreatedSince: boolean;
}

/** An outage of a minute is a few deliveries long; one that others do not see is none. */
const SUSPECT_DELIVERIES = 3;

/**
 * True when the batch itself is likely at fault: it should be sent in smaller parts, under its own key, until the
 * event that Prefect cannot take stands alone.
 *
 * Prefect answers 503 to any database error and 500 to any surprise, the ones that input causes included: a NUL
 * on Postgres, a nesting too deep, an integer too long. Such a batch fails for ever, with the very body that an outage
 * has (prefect/server/api/server.py, `is_client_retryable_exception`). 502 and 504 are a proxy's, and a request that
 * was not answered may have taken effect: neither says anything about the batch.
 */
export function isBatchSuspect({ status, deliveryCount, othersCreatedSince }: FailedCreate): boolean {
  return (status === 500 || status === 503) && deliveryCount >= SUSPECT_DELIVERIES && othersCreatedSince;
}

/** What a response says about Prefect itself, whichever event it was about. */
import type { Observation } from '../budget/control.ts';
import { errorFacts } from './error-response.ts';

/** What became of a request that was sent. */
export type ObservedResponse =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Parsed JSON, or undefined where the body is none. Numbers in it are not exact. */
      readonly unverifiedBody: unknown;
      readonly retryAfterMs: number | null;
      /** `Prefect-Maintenance: true`: wait, however often it says so. */
      readonly isMaintenance: boolean;
    }
  | { readonly kind: 'unanswered'; readonly detail: string };

export function observationOf(response: ObservedResponse, startedEpochMs: number): Observation {
  if (response.kind === 'unanswered') return { kind: 'failure', startedEpochMs, detail: response.detail };
  const { status, unverifiedBody, retryAfterMs, isMaintenance } = response;
  if (isMaintenance) return { kind: 'maintenance', startedEpochMs, retryAfterMs };
  if (status === 429 || (status === 503 && retryAfterMs !== null)) {
    return { kind: 'rate-limited', startedEpochMs, retryAfterMs };
  }
  return isFailure(status, unverifiedBody)
    ? { kind: 'failure', startedEpochMs, detail: `Prefect answered ${status}` }
    : { kind: 'success', startedEpochMs };
}

/** A 404 that Prefect did not write is a wrong address. */
function isFailure(status: number, unverifiedBody: unknown): boolean {
  if (status === 404) return errorFacts(unverifiedBody).kind === 'not-prefect';
  return status === 401 || status === 403 || status === 408 || status >= 500;
}

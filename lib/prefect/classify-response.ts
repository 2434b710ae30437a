/**
 * Classifies HTTP responses of Prefect for a batch. Refused means that Prefect itself rejected this request permanently.
 * Responses that a proxy may have sent, and unknown ones, count as transient and are retried.
 */
import type { Held } from '../budget/request-budget.ts';
import type { FlowRunResult } from '../ports.ts';
import { errorFacts } from './error-response.ts';

export type Failure = Exclude<FlowRunResult, { kind: 'run' }>;
export type Unavailable = Extract<FlowRunResult, { kind: 'unavailable' }>;

/** Classify a response to a create that is not a flow run. */
export function failureOf(status: number, unverifiedBody: unknown, retryAfterMs: number | null): Failure {
  const { kind, safeDetail } = errorFacts(unverifiedBody);
  const refused = (detail: string): Failure => ({ kind: 'refused', status, detail });
  switch (status) {
    case 400:
      if (kind === 'not-prefect') break;
      return refused('Prefect could not hydrate the parameters (400)');
    case 404:
      if (kind === 'not-prefect') break;
      return { kind: 'deployment-gone' };
    case 409:
      // Any other conflict is a race, or a deployment that is broken for all events alike.
      if (kind !== 'schema-mismatch') break;
      return refused(`${safeDetail} (409)`);
    case 413:
      // Most often said by a proxy, whose limit is as final as Prefect's.
      return refused('the request is too large for Prefect or a proxy before it (413)');
    case 422:
      if (kind === 'not-prefect') break;
      return refused(`${safeDetail === '' ? 'Prefect does not accept the request' : safeDetail} (422)`);
    default:
  }
  return unavailableOf(status, unverifiedBody, retryAfterMs);
}

/** Result of every response that leaves a question open. */
export function unavailableOf(
  status: number,
  unverifiedBody: unknown,
  retryAfterMs: number | null,
): Unavailable {
  const detail = `Prefect answered ${status}: ${meaningOf(status, unverifiedBody)}`;
  return { kind: 'unavailable', status, detail, retryAfterMs };
}

/** Result of a request without a complete response: it may still take effect. */
export function unanswered(detail: string): Unavailable {
  return { kind: 'unavailable', status: 0, detail, retryAfterMs: null };
}

/** Result of a request that has no response: it was not sent, or it may still take effect. */
export function withoutResponse(
  exchange: Held | { readonly kind: 'unanswered'; readonly detail: string },
): Unavailable {
  if (exchange.kind === 'unanswered') return unanswered(exchange.detail);
  const { by, detail, retryAfterMs } = exchange;
  return { kind: 'unavailable', status: 0, heldBy: by, detail, retryAfterMs };
}

function meaningOf(status: number, unverifiedBody: unknown): string {
  const { kind } = errorFacts(unverifiedBody);
  if (kind === 'csrf') {
    return 'it wants a CSRF token; set PREFECT_SERVER_CSRF_PROTECTION_ENABLED=false on the server';
  }
  if (kind === 'data-integrity-conflict') return 'a data integrity conflict, most often a race';
  if (status === 401) return 'the credentials are not accepted; check the secret that prefect.auth names';
  if (status === 403) return 'the credentials do not allow it; check the roles of the API key';
  if (status === 408) return 'it waited too long for the request';
  if (status === 429) return 'the rate limit is reached';
  if (status === 404) return 'no such path; check prefect.apiUrl, which ends in /api or in the workspace id';
  if (status < 400) return 'not what its API answers; check prefect.apiUrl, which ends in /api';
  if (status >= 500) return 'it is unavailable, or cannot take this input';
  return 'not what its API answers; is a proxy in between?';
}

/** Render responses: accepted events, what a handshake asks for, or problem details (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { CompiledRespond } from '../../lib/compiled-config/compiled.ts';
import type { BadEvent } from '../../lib/event/record.ts';
import { REJECTION_PROBLEMS, REQUEST_PROBLEMS, VERIFICATION_PROBLEMS } from '../../lib/http-problem.ts';
import type { IngestResult } from '../../lib/ingest.ts';
import type { Handshake } from '../../lib/verification/verification.ts';
import type { HandshakeResult } from '../../lib/verification/handshake-request.ts';
import { acceptedResponse, emptyResponse } from './accepted-response.ts';
import type { HttpResponse } from './http-response.ts';
import type { ParsedRequest, PendingRequest } from './request.ts';

/** A problem before it is rendered. */
interface Problem {
  readonly status: number;
  /** A code of `lib/http-problem.ts`. */
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly badEvents?: readonly BadEvent[];
}

/** SQS and Secrets Manager rarely stay unreachable for longer. */
const RETRY_AFTER_SECONDS = 5;

type Answerable = IngestResult | HandshakeResult | Exclude<ParsedRequest, PendingRequest>;

export function toResponse(outcome: Answerable, respond: CompiledRespond, requestId: string): HttpResponse {
  if (outcome.kind === 'accepted') {
    return respond.mode === 'empty'
      ? emptyResponse(outcome.events)
      : acceptedResponse(outcome.events, outcome.progress);
  }
  if (outcome.kind === 'handshake') return handshakeResponse(outcome);
  return problemResponse(problemOf(outcome), requestId);
}

/** A fault of Sluice: the sender should try again, and the log has the cause. */
export function internalErrorResponse(requestId: string): HttpResponse {
  return problemResponse(
    requestProblem(
      'internal-error',
      'The request could not be handled. Nothing is known to be wrong with it; send it again later.',
    ),
    requestId,
  );
}

function problemOf(outcome: Exclude<Answerable, { kind: 'accepted' | 'handshake' }>): Problem {
  switch (outcome.kind) {
    case 'not-found':
      return requestProblem('not-found', 'No source has this path.');
    case 'method-not-allowed':
      return requestProblem('method-not-allowed', 'Events are sent with POST.', { allow: outcome.allow });
    case 'handshake-refused':
      return requestProblem(outcome.code, outcome.detail);
    case 'headers-too-large':
      return requestProblem(
        'headers-too-large',
        `The headers are larger than ${outcome.maxHeaderBytes} bytes. Send fewer, or shorter ones.`,
      );
    case 'body-invalid-base64':
      return requestProblem('invalid-base64', 'API Gateway marked the body as base64, and it is not.');
    case 'body-too-large':
      return {
        status: 413,
        code: 'too-large',
        detail: `The body is larger than ${outcome.maxBodyBytes} bytes. Send the events in several requests.`,
      };
    case 'unverified': {
      const { code, detail, challenge } = outcome.rejection;
      const { status } = VERIFICATION_PROBLEMS[code];
      // RFC 9110, section 11.6.1: a 401 names the scheme.
      return { status, code, detail, ...(status === 401 && { headers: { 'www-authenticate': challenge } }) };
    }
    case 'rejected':
      return {
        status: REJECTION_PROBLEMS[outcome.rejection.code].status,
        ...outcome.rejection,
        badEvents: outcome.badEvents,
      };
    case 'misconfigured':
      return requestProblem(
        'secret-unusable',
        'The secret of this source cannot be used. Ask its operator to replace it, then send the same request again.',
      );
    case 'unavailable':
      return requestProblem(
        `${outcome.part}-unavailable`,
        'The events may not be stored. Send the same request again; nothing is created twice.',
        { 'retry-after': String(RETRY_AFTER_SECONDS) },
      );
  }
}

function requestProblem(
  code: keyof typeof REQUEST_PROBLEMS,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Problem {
  return { status: REQUEST_PROBLEMS[code].status, code, detail, headers };
}

/**
 * Respond to a handshake; `code` is its name. What comes back from a request is never HTML to a browser, and never
 * cached: the response to a challenge is good once.
 */
function handshakeResponse({ name, answer }: Handshake): HttpResponse {
  const { status, headers, body } = answer;
  const contentType = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    status,
    code: name,
    acceptedEvents: 0,
    result: {
      statusCode: status,
      headers: {
        ...(body !== null && {
          'content-type': contentType,
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        }),
        ...headers,
      },
      ...(body !== null && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    },
  };
}

function problemResponse(problem: Problem, requestId: string): HttpResponse {
  const { status, code, detail, headers, badEvents = [] } = problem;
  const [first] = badEvents;
  const body = {
    status,
    title: STATUS_CODES[status],
    code,
    detail,
    requestId,
    ...(first !== undefined && {
      index: first.index,
      badEvents: badEvents.map(({ index, rejection }) => ({ index, ...rejection })),
    }),
  };
  return {
    status,
    code,
    acceptedEvents: 0,
    result: {
      statusCode: status,
      headers: { 'content-type': 'application/problem+json', ...headers },
      body: JSON.stringify(body),
    },
  };
}

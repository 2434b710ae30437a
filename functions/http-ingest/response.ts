/** Answers: that events are accepted, what a handshake asks for, or problem details (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { BadEvent } from '../../lib/event/record.ts';
import { REJECTION_PROBLEMS, REQUEST_PROBLEMS } from '../../lib/http-problem.ts';
import type { IngestAnswer } from '../../lib/ingest.ts';
import type { Handshake } from '../../lib/verification/verification.ts';
import { acceptedAnswer } from './accepted-answer.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { RequestReading } from './request.ts';

/** What API Gateway needs of a problem, before it is rendered. */
interface Problem {
  readonly status: number;
  /** One of `lib/http-problem.ts`. */
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly badEvents?: readonly BadEvent[];
}

/** Senders try again after a while; SQS and Secrets Manager are rarely gone for longer. */
const RETRY_AFTER_SECONDS = 5;

export function answerOf(
  outcome: IngestAnswer | Exclude<RequestReading, { kind: 'request' }>,
  requestId: string,
): HttpAnswer {
  if (outcome.kind === 'accepted') return acceptedAnswer(outcome.events, outcome.progress);
  if (outcome.kind === 'handshake') return handshakeAnswer(outcome);
  return problemAnswer(problemOf(outcome), requestId);
}

/** Our own mistake: the sender should try again, and the log says why. */
export function internalErrorAnswer(requestId: string): HttpAnswer {
  return problemAnswer(
    requestProblem(
      'internal-error',
      'The request could not be handled. Nothing is known to be wrong with it; send it again later.',
    ),
    requestId,
  );
}

function problemOf(
  outcome: Exclude<IngestAnswer | RequestReading, { kind: 'accepted' | 'handshake' | 'request' }>,
): Problem {
  switch (outcome.kind) {
    case 'not-found':
      return requestProblem('not-found', 'No source of events has this path.');
    case 'method-not-allowed':
      return requestProblem('method-not-allowed', 'Events are sent with POST.', { allow: 'POST' });
    case 'headers-too-large':
      return requestProblem(
        'headers-too-large',
        `The headers are larger than ${outcome.maxHeaderBytes} bytes. Send fewer, or shorter ones.`,
      );
    case 'body-not-base64':
      return requestProblem(
        'not-base64',
        'Whoever passed the request on said that its body is base64, and it is not.',
      );
    case 'body-too-large':
      return {
        status: 413,
        code: 'too-large',
        detail: `The body is larger than ${outcome.maxBodyBytes} bytes. Send the events in several requests.`,
      };
    case 'refused':
      return {
        ...outcome,
        // RFC 9110, section 11.6.1: a 401 names the scheme.
        ...(outcome.status === 401 && { headers: { 'www-authenticate': outcome.challenge ?? 'Bearer' } }),
      };
    case 'rejected':
      return {
        status: REJECTION_PROBLEMS[outcome.rejection.code].status,
        ...outcome.rejection,
        badEvents: outcome.badEvents,
      };
    case 'unavailable':
      return requestProblem(
        `${outcome.part}-unavailable`,
        'The events are not known to be stored. Send the same request again; nothing is made twice.',
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

/** What a sender asked before it sends anything; `code` is the name of the handshake. */
function handshakeAnswer({ name, answer }: Handshake): HttpAnswer {
  const { status, headers, body } = answer;
  return {
    status,
    code: name,
    acceptedEvents: 0,
    result: {
      statusCode: status,
      headers: { ...(body !== null && { 'content-type': 'application/json' }), ...headers },
      ...(body !== null && { body: JSON.stringify(body) }),
    },
  };
}

function problemAnswer(problem: Problem, requestId: string): HttpAnswer {
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

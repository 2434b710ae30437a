/** Answers: 202 with the ids of the accepted events, or problem details (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { BadEvent, RejectionCode } from '../../lib/event/record.ts';
import type { AcceptedEvent, IngestAnswer } from '../../lib/ingest.ts';
import type { RequestReading } from './request.ts';

/** A finished answer, and what the log line and the metrics say of it. */
export interface HttpAnswer {
  readonly status: number;
  /** Stable; `accepted` for a 202. */
  readonly code: string;
  readonly acceptedEvents: number;
  readonly result: APIGatewayProxyStructuredResultV2;
}

/** What API Gateway needs of a problem, before it is rendered. */
interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly badEvents?: readonly BadEvent[];
}

/** Senders try again after a while; SQS and Secrets Manager are rarely gone for longer. */
const RETRY_AFTER_SECONDS = 5;

/** 400: not what its content type says. 413: too much. 415: of a kind that is not read. 422: well formed, never acceptable. */
const STATUS_OF_REJECTION = {
  'malformed-record': 400,
  'empty-body': 400,
  'not-utf8': 400,
  'not-json': 400,
  'duplicate-keys': 400,
  'invalid-cloudevent': 400,
  'invalid-envelope': 400,
  'invalid-form': 400,
  'too-large': 413,
  'unsupported-content-type': 415,
  'unsupported-content-encoding': 415,
  'too-deep': 422,
  'too-many-keys': 422,
  'number-out-of-range': 422,
  'nul-character': 422,
  'lone-surrogate': 422,
  'template-marker': 422,
  'schema-framed': 422,
  'schema-id-missing': 422,
  'schema-unknown': 422,
  'schema-unusable': 422,
  'not-of-schema': 422,
  'expression-failed': 422,
  'refused-by-prefect': 422,
} as const satisfies Record<RejectionCode, number>;

export function answerOf(
  outcome: IngestAnswer | Exclude<RequestReading, { kind: 'request' }>,
  requestId: string,
): HttpAnswer {
  return outcome.kind === 'accepted'
    ? acceptedAnswer(outcome.events)
    : problemAnswer(problemOf(outcome), requestId);
}

/** Our own mistake: the sender should try again, and the log says why. */
export function internalErrorAnswer(requestId: string): HttpAnswer {
  return problemAnswer(
    {
      status: 500,
      code: 'internal-error',
      detail: 'The request could not be handled. Nothing is known to be wrong with it; send it again later.',
    },
    requestId,
  );
}

function problemOf(
  outcome: Exclude<IngestAnswer | RequestReading, { kind: 'accepted' } | { kind: 'request' }>,
): Problem {
  switch (outcome.kind) {
    case 'not-found':
      return { status: 404, code: 'not-found', detail: 'No source of events has this path.' };
    case 'method-not-allowed':
      return {
        status: 405,
        code: 'method-not-allowed',
        detail: 'Events are sent with POST.',
        headers: { allow: 'POST' },
      };
    case 'headers-too-large':
      return {
        status: 431,
        code: outcome.kind,
        detail: `The headers are larger than ${outcome.maxHeaderBytes} bytes. Send fewer, or shorter ones.`,
      };
    case 'body-not-base64':
      return {
        status: 400,
        code: 'not-base64',
        detail: 'Whoever passed the request on said that its body is base64, and it is not.',
      };
    case 'body-too-large':
      return {
        status: 413,
        code: 'too-large',
        detail: `The body is larger than ${outcome.maxBodyBytes} bytes. Send the events in several requests.`,
      };
    case 'too-many-events':
      return { status: 413, code: outcome.kind, detail: outcome.detail };
    case 'refused':
      return {
        ...outcome,
        // RFC 9110, section 11.6.1: a 401 names the scheme.
        ...(outcome.status === 401 && { headers: { 'www-authenticate': 'Bearer' } }),
      };
    case 'rejected':
      return {
        status: STATUS_OF_REJECTION[outcome.rejection.code],
        ...outcome.rejection,
        badEvents: outcome.badEvents,
      };
    case 'unavailable':
      return {
        status: 503,
        code: `${outcome.part}-unavailable`,
        detail: 'The events are not known to be stored. Send the same request again; nothing is made twice.',
        headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
      };
  }
}

function acceptedAnswer(events: readonly AcceptedEvent[]): HttpAnswer {
  return {
    status: 202,
    code: 'accepted',
    acceptedEvents: events.length,
    result: {
      statusCode: 202,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
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

/**
 * Every way in which a request can be rejected: the source of the responses of the endpoint, of the OpenAPI document
 * and of the table in docs/http.md. Codes are stable. Bad data is never a 5xx, a fault of Sluice never a 4xx.
 */
import type { RejectionCode } from './event/record.ts';
import type { VerificationCode } from './verification/verification.ts';

export interface HttpProblem {
  readonly status: number;
  /** What was wrong; the response's `detail` says the rest. Null if it is found only after the response, 202. */
  readonly meaning: string | null;
}

/**
 * 400: the body is not what its content type says. 413: too much. 415: a type that is not supported. 422: well formed,
 * but never acceptable.
 */
export const REJECTION_PROBLEMS = {
  'empty-body': { status: 400, meaning: 'The body is empty.' },
  'invalid-utf8': { status: 400, meaning: 'The body is not valid UTF-8.' },
  'invalid-json': { status: 400, meaning: 'The body is not valid JSON.' },
  'duplicate-keys': { status: 400, meaning: 'A CloudEvent has a member twice.' },
  'invalid-cloudevent': {
    status: 400,
    meaning: 'Not a CloudEvent 1.0; `detail` lists everything that is wrong with it.',
  },
  'invalid-envelope': { status: 400, meaning: 'An AWS envelope that AWS would not send.' },
  'invalid-form': {
    status: 400,
    meaning: 'The form is not percent-encoded, or not in UTF-8 and without a charset.',
  },
  'too-large': {
    status: 413,
    meaning: 'The body is over `maxBodyBytes`, an event over `limits.maxEventBytes`.',
  },
  'too-many-events': { status: 413, meaning: 'More events than `maxEventsPerRequest`.' },
  'unsupported-content-type': { status: 415, meaning: 'The content type is not supported.' },
  'unsupported-content-encoding': { status: 415, meaning: 'The body is compressed.' },
  'too-deep': { status: 422, meaning: 'The JSON is deeper than `limits.maxDepth`.' },
  'too-many-keys': { status: 422, meaning: 'The JSON has more keys than `limits.maxKeys`.' },
  'number-out-of-range': { status: 422, meaning: 'A number that Prefect cannot read, such as 1e400.' },
  'nul-character': { status: 422, meaning: 'A U+0000 in the text, which Prefect cannot store.' },
  'lone-surrogate': { status: 422, meaning: 'Half of a surrogate pair, which is not valid Unicode.' },
  'malformed-record': { status: 422, meaning: null },
  'unexpected-schema-framing': { status: 422, meaning: null },
  'schema-id-missing': { status: 422, meaning: null },
  'schema-unknown': { status: 422, meaning: null },
  'schema-unusable': { status: 422, meaning: null },
  'schema-mismatch': { status: 422, meaning: null },
  'template-marker': { status: 422, meaning: null },
  'expression-failed': { status: 422, meaning: null },
  'unknown-work-queue': { status: 422, meaning: null },
  'invalid-run-option': { status: 422, meaning: null },
  'route-removed': { status: 422, meaning: null },
  'refused-by-prefect': { status: 422, meaning: null },
} as const satisfies Readonly<Record<RejectionCode, HttpProblem>>;

/** 401: send valid credentials. 403: other credentials in the request do not help. */
export const VERIFICATION_PROBLEMS = {
  'credentials-missing': { status: 401, meaning: 'Missing credentials.' },
  'invalid-credentials': { status: 401, meaning: 'The credentials are not valid for this source.' },
  'signature-missing': { status: 401, meaning: 'Missing signature.' },
  'signature-malformed': { status: 401, meaning: 'The signature does not have the form of the scheme.' },
  'invalid-signature': {
    status: 401,
    meaning: 'The signature does not match the body under any of the secrets.',
  },
  'timestamp-malformed': { status: 401, meaning: 'The signed timestamp is malformed.' },
  'timestamp-too-old': { status: 401, meaning: 'The signed timestamp is too old.' },
  'timestamp-in-future': { status: 401, meaning: 'The signed timestamp is in the future.' },
  'delivery-id-malformed': { status: 401, meaning: 'The signed delivery id is malformed.' },
  'iam-authorization-missing': { status: 403, meaning: 'API Gateway let the request in without IAM.' },
  'client-certificate-missing': { status: 403, meaning: 'The request came without a client certificate.' },
  'client-certificate-not-allowed': { status: 403, meaning: 'The client certificate is not on the list.' },
  'topic-not-allowed': { status: 403, meaning: 'The SNS topic is not on the list.' },
} as const satisfies Readonly<Record<VerificationCode, HttpProblem>>;

/** What is found before verification, and faults that have nothing to do with the request. */
export const REQUEST_PROBLEMS = {
  'invalid-base64': { status: 400, meaning: 'API Gateway marked the body as base64, and it is not.' },
  'challenge-missing': { status: 400, meaning: 'A handshake without its challenge, or with two of them.' },
  'challenge-malformed': { status: 400, meaning: 'A challenge that could be HTML, or is too long.' },
  'verify-token-invalid': { status: 403, meaning: 'A handshake without the verify token of the source.' },
  'not-found': { status: 404, meaning: 'No source has exactly this path.' },
  'method-not-allowed': { status: 405, meaning: 'Not a POST.' },
  'headers-too-large': { status: 431, meaning: 'Headers of more than 16 KiB.' },
  'internal-error': { status: 500, meaning: 'A fault of Sluice; the log has the cause.' },
  'secret-unusable': {
    status: 500,
    meaning: 'The stored secret cannot be used to verify requests; the log says what is wrong with it.',
  },
  'queue-unavailable': { status: 503, meaning: 'SQS cannot be reached. Send the same request again.' },
  'secret-unavailable': {
    status: 503,
    meaning: 'Secrets Manager cannot be reached. Send the same request again.',
  },
  'verification-keys-unavailable': {
    status: 503,
    meaning: 'The keys of the issuer, or Amazon SNS, cannot be reached. Send the same request again.',
  },
} as const satisfies Readonly<Record<string, HttpProblem>>;

export interface DocumentedProblem {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
}

/** Everything that a sender can meet, by status and code. */
export const DOCUMENTED_PROBLEMS: readonly DocumentedProblem[] = Object.entries<HttpProblem>({
  ...REJECTION_PROBLEMS,
  ...VERIFICATION_PROBLEMS,
  ...REQUEST_PROBLEMS,
})
  .flatMap(([code, { status, meaning }]) => (meaning === null ? [] : [{ code, status, meaning }]))
  .sort((one, other) => one.status - other.status || (one.code < other.code ? -1 : 1));

/**
 * Every way in which a request can be refused: the source of the answers of the endpoint, of the OpenAPI document and
 * of the table in docs/http.md. Codes are stable. Bad data is never a 5xx, trouble of ours never a 4xx.
 */
import type { RejectionCode } from './event/record.ts';
import type { VerificationRefusal } from './verification/verification.ts';

export interface HttpProblem {
  readonly status: number;
  /** What was wrong; the answer's `detail` says the rest. Null: found only after the request was answered 202. */
  readonly meaning: string | null;
}

/**
 * 400: not what its content type says. 413: too much. 415: of a kind that is not read. 422: well formed, never
 * acceptable.
 */
export const REJECTION_PROBLEMS = {
  'empty-body': { status: 400, meaning: 'There is no body.' },
  'not-utf8': { status: 400, meaning: 'The body is no UTF-8.' },
  'not-json': { status: 400, meaning: 'The body is no JSON.' },
  'duplicate-keys': { status: 400, meaning: 'A CloudEvent has a member twice.' },
  'invalid-cloudevent': { status: 400, meaning: 'Not a CloudEvent 1.0; all that is wrong with it is named.' },
  'invalid-envelope': { status: 400, meaning: 'An envelope of AWS that AWS would not send.' },
  'invalid-form': { status: 400, meaning: 'The form is not percent-encoded UTF-8.' },
  'too-large': {
    status: 413,
    meaning: 'The body is over `maxBodyBytes`, an event over `limits.maxEventBytes`.',
  },
  'too-many-events': { status: 413, meaning: 'More events than `maxEventsPerRequest`.' },
  'unsupported-content-type': { status: 415, meaning: 'The content type is none of those that are read.' },
  'unsupported-content-encoding': { status: 415, meaning: 'The body is compressed.' },
  'too-deep': { status: 422, meaning: 'The JSON is deeper than `limits.maxDepth`.' },
  'too-many-keys': { status: 422, meaning: 'The JSON has more keys than `limits.maxKeys`.' },
  'number-out-of-range': { status: 422, meaning: 'A number that Prefect cannot read, such as 1e400.' },
  'nul-character': { status: 422, meaning: 'A U+0000 in the text, which Prefect cannot store.' },
  'lone-surrogate': { status: 422, meaning: 'Half of a surrogate pair, which is no Unicode.' },
  'malformed-record': { status: 422, meaning: null },
  'schema-framed': { status: 422, meaning: null },
  'schema-id-missing': { status: 422, meaning: null },
  'schema-unknown': { status: 422, meaning: null },
  'schema-unusable': { status: 422, meaning: null },
  'not-of-schema': { status: 422, meaning: null },
  'template-marker': { status: 422, meaning: null },
  'expression-failed': { status: 422, meaning: null },
  'refused-by-prefect': { status: 422, meaning: null },
} as const satisfies Readonly<Record<RejectionCode, HttpProblem>>;

/** 401: send credentials, or better ones. 403: no credentials in the request can help. */
const REFUSALS = {
  'credentials-missing': { status: 401, meaning: 'There are no credentials.' },
  'credentials-wrong': { status: 401, meaning: 'The credentials are not those of the source.' },
  'signature-missing': { status: 401, meaning: 'There is no signature.' },
  'signature-malformed': { status: 401, meaning: 'The signature is not written as the scheme writes it.' },
  'signature-wrong': { status: 401, meaning: 'The signature is not of these bytes, by none of the secrets.' },
  'timestamp-malformed': { status: 401, meaning: 'The signed time cannot be read.' },
  'timestamp-too-old': { status: 401, meaning: 'The signed time is too long ago.' },
  'timestamp-too-new': { status: 401, meaning: 'The signed time is in the future.' },
  'delivery-id-malformed': { status: 401, meaning: 'The signed id of the delivery cannot be read.' },
  'iam-authorization-missing': { status: 403, meaning: 'API Gateway let the request in without IAM.' },
  'client-certificate-missing': { status: 403, meaning: 'The request came without a client certificate.' },
  'client-certificate-not-allowed': { status: 403, meaning: 'The client certificate is not on the list.' },
  'topic-not-allowed': { status: 403, meaning: 'The SNS topic is not on the list.' },
} as const;

export const REFUSAL_PROBLEMS: Readonly<Record<VerificationRefusal['code'], HttpProblem>> = REFUSALS;

/** What is found before verification, and what has nothing to do with the request. */
export const REQUEST_PROBLEMS = {
  'not-base64': { status: 400, meaning: 'The gateway said that the body is base64, and it is not.' },
  'not-found': { status: 404, meaning: 'No source has this path, exactly as it is written.' },
  'method-not-allowed': { status: 405, meaning: 'Not a POST.' },
  'headers-too-large': { status: 431, meaning: 'Headers of more than 16 KiB.' },
  'internal-error': { status: 500, meaning: 'A mistake of ours, or an unusable secret; the log says which.' },
  'queue-unavailable': { status: 503, meaning: 'SQS is out of reach. Send the same request again.' },
  'secret-unavailable': {
    status: 503,
    meaning: 'Secrets Manager is out of reach. Send the same request again.',
  },
  'sender-keys-unavailable': {
    status: 503,
    meaning: 'The keys of the issuer, or SNS itself, are out of reach. Send the same request again.',
  },
} as const satisfies Readonly<Record<string, HttpProblem>>;

export interface DocumentedProblem {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
}

/** All that a sender can meet, by status and code. */
export const DOCUMENTED_PROBLEMS: readonly DocumentedProblem[] = Object.entries<HttpProblem>({
  ...REJECTION_PROBLEMS,
  ...REFUSALS,
  ...REQUEST_PROBLEMS,
})
  .flatMap(([code, { status, meaning }]) => (meaning === null ? [] : [{ code, status, meaning }]))
  .sort((one, other) => one.status - other.status || (one.code < other.code ? -1 : 1));

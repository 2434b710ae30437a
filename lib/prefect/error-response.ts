/**
 * The parts of Prefect's error responses that may be repeated. Their bodies are never logged or passed on: a 422 echoes the
 * whole request, and the reason in a 409 quotes the value that was wrong.
 */
import { jsonField } from '../json/untrusted-json.ts';

export interface ErrorSummary {
  /** `not-prefect`: a proxy's answer, or that of a path which Prefect's API does not have. */
  readonly kind: 'not-prefect' | 'schema-mismatch' | 'data-integrity-conflict' | 'csrf' | 'other';
  /** The position and the kind of the error, in Prefect's terms and without values; may be empty. */
  readonly safeDetail: string;
}

/** FastAPI's own answer to an unknown path; Prefect's own 404s say what was not found. */
const UNKNOWN_PATH = 'Not Found';

export function errorFacts(unverifiedBody: unknown): ErrorSummary {
  const message = jsonField(unverifiedBody, 'detail') ?? jsonField(unverifiedBody, 'exception_message');
  if (message === undefined || message === UNKNOWN_PATH) return { kind: 'not-prefect', safeDetail: '' };
  if (typeof message !== 'string') return { kind: 'other', safeDetail: '' };
  if (message.startsWith('Error creating flow run:')) {
    return { kind: 'schema-mismatch', safeDetail: schemaMismatch(message) };
  }
  if (message.startsWith('Data integrity conflict'))
    return { kind: 'data-integrity-conflict', safeDetail: '' };
  if (message.includes('CSRF')) return { kind: 'csrf', safeDetail: '' };
  return { kind: 'other', safeDetail: requestProblems(jsonField(unverifiedBody, 'exception_detail')) };
}

/**
 * Name the place and what the schema expects there. The reason that Prefect gives quotes the value that was wrong, so only
 * its end is read, which is jsonschema's own text.
 */
function schemaMismatch(message: string): string {
  const [, quoted, reason = ''] = FIELD_AND_REASON.exec(message) ?? [];
  const place = quoted === undefined ? '' : safePath(quoted);
  if (place !== '') {
    return `parameter ${place} does not match the schema of the flow${expectation(reason)}`;
  }
  if (!message.includes('Validation failed.')) return 'the parameters do not match the schema of the flow';
  return 'the parameters do not match the schema of the flow: one is missing, or unknown to it';
}

/** `Validation failed for field 'orders[0].orderId'. Failure reason: 7 is not of type 'string'` */
const FIELD_AND_REASON = /Validation failed for field ['"](.*?)['"]\. Failure reason: (.*)$/s;

/**
 * Keep the path as far as it consists of names and positions (`orders[0].orderId`). A name that is not an identifier is
 * written in brackets (`orders[0]['bob@example.com']`): it is a key of the event, and may be a secret.
 */
function safePath(path: string): string {
  const known = /^[A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,59}|\[\d{1,9}\])*/.exec(path)?.[0] ?? '';
  return known === '' || known.length === path.length ? known : `${known}…`;
}

function expectation(reason: string): string {
  const types = / is not of type ((?:'[a-z]{1,20}'(?:, )?){1,7})$/.exec(reason)?.[1];
  if (types !== undefined) return `: expected ${types.replaceAll("'", '').replaceAll(', ', ' or ')}`;
  const missing = /^'(\w{1,60})' is a required property$/.exec(reason)?.[1];
  return missing === undefined ? '' : `: its field ${missing} is missing`;
}

/** Pydantic's error list: `[{type, loc, msg, input}]`, of which `input` is the request and `msg` may quote it. */
function requestProblems(unverifiedDetail: unknown): string {
  if (!Array.isArray(unverifiedDetail)) return '';
  const problems = unverifiedDetail.slice(0, 3).map((problem: unknown) => {
    const size = sizeProblem(jsonField(problem, 'msg'));
    return size ?? `${identifier(jsonField(problem, 'type'))} at ${locationOf(jsonField(problem, 'loc'))}`;
  });
  return [...new Set(problems)].join('; ');
}

function sizeProblem(unverifiedMessage: unknown): string | null {
  if (typeof unverifiedMessage !== 'string') return null;
  const sizes =
    /^Value error, Flow run parameters must be less than ([\d,]+) bytes when serialized \(got ([\d,]+) bytes\)/.exec(
      unverifiedMessage,
    );
  return sizes === null
    ? null
    : `the parameters are ${sizes[2] ?? ''} bytes, Prefect takes ${sizes[1] ?? ''}`;
}

/** Fields of the request have Prefect's names; names below them may be data of the event, so stop after two levels. */
function locationOf(unverifiedLocation: unknown): string {
  if (!Array.isArray(unverifiedLocation)) return 'unknown';
  return unverifiedLocation.slice(0, 2).map(identifier).join('.');
}

function identifier(unverifiedPart: unknown): string {
  const text = typeof unverifiedPart === 'number' ? String(unverifiedPart) : unverifiedPart;
  return typeof text === 'string' && /^\w{1,60}$/.test(text) ? text : '?';
}

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
 * Only the parameter's name is taken, which is the configuration's: the rest of the path may hold keys of the
 * event (`orders[0]['bob@example.com']`), and the reason after it quotes values.
 */
function schemaMismatch(message: string): string {
  const parameter = /Validation failed for field ['"]([A-Za-z_]\w{0,99})/.exec(message)?.[1];
  if (parameter !== undefined) return `parameter ${parameter} does not match the schema of the flow`;
  if (!message.includes('Validation failed.')) return 'the parameters do not match the schema of the flow';
  return 'the parameters do not match the schema of the flow: one is missing, or unknown to it';
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

/**
 * The environment variables of a deployed function: which source it serves and which resources it uses. Everything else
 * is in `sluice.config.json`, which is the same for every function. `infra/` sets these variables together with the
 * permission that each of them needs; add no others by hand.
 */

export const SOURCE_VARIABLE = 'SLUICE_SOURCE';
/** The name of the installation: a dimension of every metric. */
export const STACK_VARIABLE = 'SLUICE_STACK';
export const QUEUE_URL_VARIABLE = 'SLUICE_QUEUE_URL';
export const TABLE_NAME_VARIABLE = 'SLUICE_TABLE_NAME';
export const INSTALLATION_VARIABLE = 'SLUICE_INSTALLATION';
export const DEAD_LETTER_QUEUE_URL_VARIABLE = 'SLUICE_DEAD_LETTER_QUEUE_URL';
export const TIMER_QUEUE_URL_VARIABLE = 'SLUICE_TIMER_QUEUE_URL';
export const OVERFLOW_BUCKET_VARIABLE = 'SLUICE_OVERFLOW_BUCKET';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Environment of `functions/http-ingest`. */
export interface HttpIngestEnvironment {
  /** Name of the HTTP source in the configuration. */
  readonly source: string;
  /** URL of the queue that accepted events are stored in. */
  readonly queueUrl: string;
}

/** Additional environment of `functions/http-ingest` whose source answers with flow runs. */
export interface RunInquiryEnvironment {
  readonly tableName: string;
}

/** Environment of every function that makes flow runs. */
export interface FlowRunEnvironment {
  readonly tableName: string;
  /** ARN of the table: it tells this installation from every other one on the same Prefect. */
  readonly installation: string;
  readonly deadLetterQueueUrl: string;
  /** Queue of the timers of windows; null when no route has windows. */
  readonly timerQueueUrl: string | null;
  /** Bucket for parameters that are too large for Prefect; null when no route of the function has `overflow: s3`. */
  readonly overflowBucket: string | null;
}

/**
 * Environment of `functions/sqs-trigger`, `functions/kafka-trigger`, `functions/window-flush` and
 * `functions/reconcile`.
 */
export interface TriggerEnvironment extends FlowRunEnvironment {
  /** Name of the source in the configuration; functions that serve all sources use a reserved name (`sluice:…`). */
  readonly source: string;
}

/** @throws EnvironmentError with all problems at once. */
export function readHttpIngestEnvironment(env: Environment): HttpIngestEnvironment {
  return readAll(env, (read) => ({
    source: read(SOURCE_VARIABLE, anyText),
    queueUrl: read(QUEUE_URL_VARIABLE, urlText),
  }));
}

/** @throws EnvironmentError */
export function readRunInquiryEnvironment(env: Environment): RunInquiryEnvironment {
  return readAll(env, (read) => ({ tableName: read(TABLE_NAME_VARIABLE, anyText) }));
}

/** @throws EnvironmentError with all problems at once. */
export function readTriggerEnvironment(env: Environment): TriggerEnvironment {
  return readAll(env, (read) => ({ source: read(SOURCE_VARIABLE, anyText), ...flowRunVariables(env, read) }));
}

function flowRunVariables(env: Environment, read: ReadVariable): FlowRunEnvironment {
  return {
    tableName: read(TABLE_NAME_VARIABLE, anyText),
    installation: read(INSTALLATION_VARIABLE, anyText),
    deadLetterQueueUrl: read(DEAD_LETTER_QUEUE_URL_VARIABLE, urlText),
    timerQueueUrl:
      env[TIMER_QUEUE_URL_VARIABLE] === undefined ? null : read(TIMER_QUEUE_URL_VARIABLE, urlText),
    overflowBucket:
      env[OVERFLOW_BUCKET_VARIABLE] === undefined ? null : read(OVERFLOW_BUCKET_VARIABLE, anyText),
  };
}

export interface EnvironmentProblem {
  readonly variable: string;
  /** What is wrong and how to fix it, without the variable's value. */
  readonly detail: string;
}

/** The function was deployed without a variable that it needs. Retrying does not help; redeploying does. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly problems: readonly EnvironmentProblem[];

  constructor(problems: readonly EnvironmentProblem[]) {
    super(problems.map(({ variable, detail }) => `${variable} ${detail}`).join('; '));
    this.problems = problems;
  }
}

/** Returns undefined when the text is valid, else what is wrong with it. */
type TextCheck = (text: string) => string | undefined;

type ReadVariable = (variable: string, check: TextCheck) => string;

const anyText: TextCheck = (text) =>
  text.trim() === '' ? 'is empty: deploy the function with the Sluice construct, which sets it' : undefined;

const urlText: TextCheck = (text) =>
  URL.canParse(text) && /^https?:/.test(text)
    ? undefined
    : 'is not an http(s) URL: set it to the URL of an SQS queue, not to its name or ARN';

/** Let `build` read all variables before throwing, so that every problem is in one error. */
function readAll<Result>(env: Environment, build: (read: ReadVariable) => Result): Result {
  const problems: EnvironmentProblem[] = [];
  const result = build((variable, check) => {
    const text = env[variable];
    const detail =
      text === undefined
        ? 'is not set: deploy the function with the Sluice construct, which sets it'
        : check(text);
    if (detail !== undefined) problems.push({ variable, detail });
    return text ?? '';
  });
  if (problems.length > 0) throw new EnvironmentError(problems);
  return result;
}

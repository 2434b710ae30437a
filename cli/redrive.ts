/** `sluice redrive`: sends dead letters of a deployed stack through the pipeline again. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as pause } from 'node:timers/promises';
import { awsClientSettings } from '../lib/adapters/aws/aws-client-settings.ts';
import { readDeployedFunctions, type DeployedFunction } from '../lib/adapters/aws/stack-discovery.ts';
import { LambdaInvoker } from '../lib/adapters/aws/lambda-invoker.ts';
import { SqsRedriveQueue } from '../lib/adapters/sqs/sqs-redrive-queue.ts';
import { runRedrive, type RedriveSessionOptions } from '../lib/redrive/redrive-session.ts';
import type { RedriveTotals } from '../lib/redrive/redrive-totals.ts';
import { progressLine, redriveReport } from './redrive-report.ts';
import { errorText } from './error-text.ts';
import { EXIT_CODE, unusable, type CommandResult } from './command-result.ts';

export interface RedriveOptions {
  readonly stack: string;
  /** Read this queue instead of the dead-letter queues of the stack, as the dead letters of the one `source`. */
  readonly queue?: string;
  readonly source: readonly string[];
  readonly route: readonly string[];
  readonly code: readonly string[];
  readonly since?: number;
  readonly until?: number;
  readonly perMinute: number;
  readonly limit?: number;
  /** False for a dry run. */
  readonly yes: boolean;
  readonly json: boolean;
}

/** An invocation takes as long as the function may run, so that repeating it after a time-out would not help. */
const INVOCATION_LIMITS = { maxAttempts: 1, requestTimeoutMs: 905_000 };
/** Leaves room for the wait time of a receive. */
const QUEUE_LIMITS = { requestTimeoutMs: 20_000 };

export async function redrive(options: RedriveOptions): Promise<CommandResult> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', interrupt);
  try {
    return toCommandResult(await redriveDeployed(options, interruption.signal), options);
  } catch (error) {
    return unusable(describeFailure(error, options));
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

async function redriveDeployed(options: RedriveOptions, signal: AbortSignal): Promise<RedriveTotals> {
  const lambda = new LambdaClient(awsClientSettings(INVOCATION_LIMITS));
  const cloudFormation = new CloudFormationClient(awsClientSettings());
  const deployed = await readDeployedFunctions(options.stack, { cloudFormation, lambda });
  if (deployed.length === 0) throw new NothingDeployedError(options.stack);
  const unknown = options.source.find(
    (name) => !deployed.some((each) => isSourceFunction(each) && each.source === name),
  );
  if (unknown !== undefined) throw new UnknownSourceError(unknown, deployed);

  const sqs = new SQSClient(awsClientSettings(QUEUE_LIMITS));
  const queues = namedQueues(options, deployed).map(
    ({ url, sourceName }) => new SqsRedriveQueue(sqs, url, sourceName),
  );
  const functions = deployed
    .filter(isSourceFunction)
    .map(({ source, functionName }) => [source, new LambdaInvoker(lambda, functionName)] as const);
  return runRedrive(queues, { ...toSessionOptions(options, signal), functions: new Map(functions) });
}

interface NamedQueue {
  readonly url: string;
  readonly sourceName: string | null;
}

function namedQueues(
  { queue, source }: RedriveOptions,
  deployed: readonly DeployedFunction[],
): readonly NamedQueue[] {
  if (queue === undefined) {
    return deployed
      .filter((each) => mayContain(each, source))
      .map((each) => ({
        url: each.deadLetterQueueUrl,
        sourceName: isSourceFunction(each) ? each.source : null,
      }));
  }
  const [sourceName, ...others] = source;
  if (sourceName === undefined || others.length > 0) throw new QueueWithoutSourceError();
  return [{ url: queue, sourceName }];
}

function toSessionOptions(
  options: RedriveOptions,
  signal: AbortSignal,
): Omit<RedriveSessionOptions, 'functions'> {
  const { queue, source, route, code, since, until, perMinute, limit, yes } = options;
  return {
    mode: yes ? 'run' : 'plan',
    asSource: queue === undefined ? null : (source[0] ?? null),
    filter: {
      // What is in a named queue is redriven as the named source, whatever source it names.
      sources: queue === undefined ? source : [],
      routes: route,
      codes: code,
      sinceEpochMs: since ?? null,
      untilEpochMs: until ?? null,
    },
    deadLettersPerMinute: perMinute,
    maxDeadLetters: limit ?? null,
    pause: (ms) => pauseOrAbort(ms, signal),
    isInterrupted: () => signal.aborted,
    ...(yes && {
      onProgress: (totals) => {
        process.stderr.write(`${progressLine(totals)}\n`);
      },
    }),
  };
}

async function pauseOrAbort(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The queue of the windows, which belongs to no source, holds dead letters of all sources. */
function mayContain(each: DeployedFunction, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.includes(each.source) || !isSourceFunction(each);
}

/** Names of sources cannot contain a colon; the names of other functions do. */
function isSourceFunction({ source }: DeployedFunction): boolean {
  return !source.includes(':');
}

function toCommandResult(
  totals: RedriveTotals,
  { stack, perMinute, yes, json }: RedriveOptions,
): CommandResult {
  const mode = yes ? 'run' : 'plan';
  const isSuccess =
    totals.stopped !== 'no-progress' &&
    totals.results.every(({ kind }) => ['created', 'held', 'duplicate', 'planned'].includes(kind));
  return {
    exitCode: isSuccess ? EXIT_CODE.success : EXIT_CODE.problems,
    output: json
      ? JSON.stringify(totals, null, 2)
      : redriveReport(totals, { stackName: stack, mode, deadLettersPerMinute: perMinute }),
    errorOutput: '',
  };
}

class NothingDeployedError extends Error {
  override readonly name = 'NothingDeployedError';

  constructor(stack: string) {
    super(
      `stack ${stack} has no Sluice functions; name another stack with --stack (a nested one by its ARN)`,
    );
  }
}

class QueueWithoutSourceError extends Error {
  override readonly name = 'QueueWithoutSourceError';

  constructor() {
    super('--queue needs exactly one --source: the deployed source that processes what is in the queue');
  }
}

class UnknownSourceError extends Error {
  override readonly name = 'UnknownSourceError';

  constructor(source: string, deployed: readonly DeployedFunction[]) {
    const names = deployed.filter(isSourceFunction).map((each) => each.source);
    super(`the stack has no source ${source}; it has ${names.join(', ')}`);
  }
}

function describeFailure(error: unknown, { stack }: RedriveOptions): string {
  return `Cannot redrive the dead letters of stack ${stack}: ${errorText(error)}`;
}

/** `sluice redrive`: dead letters of a deployed stack go through the pipeline again. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as pause } from 'node:timers/promises';
import { awsClientSettings } from '../lib/adapters/aws/aws-client-settings.ts';
import { readDeployedFunctions, type DeployedFunction } from '../lib/adapters/aws/stack-discovery.ts';
import { InvokedFunction } from '../lib/adapters/aws/lambda-invoker.ts';
import { SqsLetterQueue } from '../lib/adapters/sqs/sqs-redrive-queue.ts';
import { runRedrive, type RedriveTerms } from '../lib/redrive/redrive-session.ts';
import type { RedriveTotals } from '../lib/redrive/redrive-totals.ts';
import { progressLine, redriveReport } from './redrive-report.ts';
import { EXIT_CODE, type CommandResult } from './validate.ts';

export interface RedriveOptions {
  readonly stack: string;
  readonly source: readonly string[];
  readonly route: readonly string[];
  readonly code: readonly string[];
  readonly since?: number;
  readonly until?: number;
  readonly perMinute: number;
  readonly limit?: number;
  /** Without it, nothing is sent. */
  readonly yes: boolean;
  readonly json: boolean;
}

/** An invocation takes as long as the function may run. Sending one again is safe, and no use. */
const INVOCATION_LIMITS = { maxAttempts: 1, requestTimeoutMs: 905_000 };
/** With room for the wait of a receive. */
const QUEUE_LIMITS = { requestTimeoutMs: 20_000 };

export async function redrive(options: RedriveOptions): Promise<CommandResult> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', interrupt);
  try {
    return resultOf(await redriveDeployed(options, interruption.signal), options);
  } catch (error) {
    return { exitCode: EXIT_CODE.unusable, output: '', errorOutput: reasonOf(error, options) };
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
    (name) => !deployed.some((each) => isOfASource(each) && each.source === name),
  );
  if (unknown !== undefined) throw new UnknownSourceError(unknown, deployed);

  const sqs = new SQSClient(awsClientSettings(QUEUE_LIMITS));
  const queues = deployed
    .filter((each) => mayHoldLettersOf(each, options.source))
    .map((each) => new SqsLetterQueue(sqs, each.deadLetterQueueUrl, isOfASource(each) ? each.source : null));
  const functions = deployed
    .filter(isOfASource)
    .map(({ source, functionName }) => [source, new InvokedFunction(lambda, functionName)] as const);
  return runRedrive(queues, { ...termsOf(options, signal), functions: new Map(functions) });
}

function termsOf(options: RedriveOptions, signal: AbortSignal): Omit<RedriveTerms, 'functions'> {
  const { source, route, code, since, until, perMinute, limit, yes } = options;
  return {
    mode: yes ? 'run' : 'plan',
    filter: {
      sources: source,
      routes: route,
      codes: code,
      sinceEpochMs: since ?? null,
      untilEpochMs: until ?? null,
    },
    lettersPerMinute: perMinute,
    maxLetters: limit ?? null,
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

/** What is no source has letters of all sources: of events that died after they had waited in a window. */
function mayHoldLettersOf(each: DeployedFunction, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.includes(each.source) || !isOfASource(each);
}

/** Names of sources hold no colon. */
function isOfASource({ source }: DeployedFunction): boolean {
  return !source.includes(':');
}

function resultOf(totals: RedriveTotals, { stack, perMinute, yes, json }: RedriveOptions): CommandResult {
  const mode = yes ? 'run' : 'plan';
  const isAllWell =
    totals.stopped !== 'nothing-settles' &&
    totals.fates.every(({ kind }) => ['created', 'held', 'duplicate', 'planned'].includes(kind));
  return {
    exitCode: isAllWell ? EXIT_CODE.sound : EXIT_CODE.problems,
    output: json
      ? JSON.stringify(totals, null, 2)
      : redriveReport(totals, { stackName: stack, mode, lettersPerMinute: perMinute }),
    errorOutput: '',
  };
}

class NothingDeployedError extends Error {
  override readonly name = 'NothingDeployedError';
  readonly canRetry = false;

  constructor(stack: string) {
    super(`stack ${stack} has no function of Sluice; name the stack with --stack, a nested one by its ARN`);
  }
}

class UnknownSourceError extends Error {
  override readonly name = 'UnknownSourceError';
  readonly canRetry = false;

  constructor(source: string, deployed: readonly DeployedFunction[]) {
    const names = deployed.filter(isOfASource).map((each) => each.source);
    super(`the stack has no source ${source}; it has ${names.join(', ')}`);
  }
}

function reasonOf(error: unknown, { stack }: RedriveOptions): string {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `Cannot redrive the dead letters of stack ${stack}: ${reason}`;
}

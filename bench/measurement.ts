/** One measurement: a fresh process, a fresh table, one contender, one workload. */
import { CreateTableCommand, DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { fork } from 'node:child_process';
import { on } from 'node:events';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';
import type { CountingServer } from './counting-server.ts';
import type { DynamoDbCounts } from './dynamodb-proxy.ts';
import type { WorkerReport, WorkerRequest } from './worker.ts';
import type { Workload } from './order-messages.ts';
import type { PrefectCounts } from './prefect-stub.ts';
import type { Contender, ContenderName } from './contenders.ts';

export interface Parts {
  /** A client of the emulator itself, for creating tables. */
  readonly dynamodb: DynamoDBClient;
  readonly dynamodbProxy: CountingServer<DynamoDbCounts>;
  readonly prefect: CountingServer<PrefectCounts>;
  readonly prefectApiUrl: string;
  /** Folder for CPU profiles; `null` takes none. */
  readonly profilesFolder: string | null;
}

export interface Effort {
  readonly warmUpInvocations: number;
  readonly measuredInvocations: number;
}

export interface Measurement extends Workload {
  readonly contender: ContenderName;
  readonly firstInvokeMs: number;
  readonly loadsUndici: boolean;
  readonly dynamodbRequestsPerEvent: number;
  readonly writeUnitsPerEvent: number;
  readonly prefectRequestsPerEvent: number;
  readonly cpuMicrosecondsPerEvent: number;
  readonly wallMicrosecondsPerEvent: number;
}

export interface FirstInvoke {
  readonly contender: ContenderName;
  readonly firstInvokeMs: number;
  readonly loadsUndici: boolean;
}

/** The handler did not do the measured work, so its figures are invalid. */
export class WrongWorkError extends Error {
  override readonly name = 'WrongWorkError';
}

export async function measure(
  parts: Parts,
  contender: Contender,
  bundle: Bundle,
  workload: Workload,
  effort: Effort,
): Promise<Measurement> {
  return withTable(parts, contender, async (tableName) => {
    const request = {
      bundle: bundle.file,
      workload,
      salt: tableName,
      ...effort,
      profileFile: profileFile(parts.profilesFolder, contender, workload),
    };
    let first: FirstInvoke | null = null;
    for await (const { report, resume } of runWorker(parts, contender, tableName, request)) {
      switch (report.kind) {
        case 'first invoke':
          first = {
            contender: contender.name,
            firstInvokeMs: report.firstInvokeMs,
            loadsUndici: report.loadsUndici,
          };
          break;
        case 'warm':
          await takeAllCounts(parts);
          resume();
          break;
        case 'measured': {
          const { dynamodb, prefect } = await takeAllCounts(parts);
          assertRightWork(contender, workload, report, prefect);
          if (first === null) throw new WrongWorkError(`${contender.name} reported no first invoke`);
          return {
            ...first,
            ...workload,
            dynamodbRequestsPerEvent: dynamodb.requests / report.events,
            writeUnitsPerEvent: dynamodb.writeUnits / report.events,
            prefectRequestsPerEvent: prefect.requests / report.events,
            cpuMicrosecondsPerEvent: report.cpuMicroseconds / report.events,
            wallMicrosecondsPerEvent: (report.wallMs * 1000) / report.events,
          };
        }
      }
    }
    throw new WrongWorkError(`${contender.name} ended before its first measurement; its error is above`);
  });
}

/** Measure loading the bundle and the first invocation with ten messages, in a fresh process. */
export async function measureFirstInvoke(
  parts: Parts,
  contender: Contender,
  bundle: Bundle,
): Promise<FirstInvoke> {
  return withTable(parts, contender, async (tableName) => {
    const workload = { batchSize: 10, duplicatePercent: 0 };
    const request = {
      bundle: bundle.file,
      workload,
      salt: tableName,
      warmUpInvocations: 0,
      measuredInvocations: 0,
      profileFile: null,
    };
    for await (const { report } of runWorker(parts, contender, tableName, request)) {
      if (report.kind === 'first invoke') {
        return {
          contender: contender.name,
          firstInvokeMs: report.firstInvokeMs,
          loadsUndici: report.loadsUndici,
        };
      }
    }
    throw new WrongWorkError(`${contender.name} could not be invoked; its error is above`);
  });
}

async function withTable<Result>(
  { dynamodb }: Parts,
  contender: Contender,
  work: (tableName: string) => Promise<Result>,
): Promise<Result> {
  const tableName = `bench-${contender.name}-${crypto.randomUUID()}`;
  await dynamodb.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: contender.tableKey, KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: contender.tableKey, AttributeType: 'S' }],
    }),
  );
  try {
    return await work(tableName);
  } finally {
    await dynamodb.send(new DeleteTableCommand({ TableName: tableName }));
  }
}

async function* runWorker(
  parts: Parts,
  contender: Contender,
  tableName: string,
  request: WorkerRequest,
): AsyncGenerator<{ report: WorkerReport; resume: () => void }> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_LAMBDA_FUNCTION_NAME: 'orders',
      AWS_ENDPOINT_URL_DYNAMODB: parts.dynamodbProxy.url,
      LAMBDA_TASK_ROOT: join(request.bundle, '..'),
      ...contender.environment(tableName, parts.prefectApiUrl),
    },
    // Log lines are formatted and written at the handler's expense, and then discarded.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new AbortController();
  child.once('exit', () => {
    ended.abort();
  });
  child.send(request);
  try {
    for await (const [report] of on(child, 'message', { signal: ended.signal }) as AsyncIterable<
      [WorkerReport]
    >) {
      yield {
        report,
        resume: () => {
          child.send('continue');
        },
      };
    }
  } catch (error) {
    // The worker has exited, which ends its reports.
    if (!ended.signal.aborted) throw error;
  } finally {
    if (child.connected) child.disconnect();
  }
}

function profileFile(
  folder: string | null,
  contender: Contender,
  { batchSize, duplicatePercent }: Workload,
): string | null {
  return folder && join(folder, `${contender.name}-${batchSize}-${duplicatePercent}.cpuprofile`);
}

async function takeAllCounts({ dynamodbProxy, prefect }: Parts) {
  return { dynamodb: await dynamodbProxy.takeCounts(), prefect: await prefect.takeCounts() };
}

function assertRightWork(
  contender: Contender,
  { batchSize, duplicatePercent }: Workload,
  report: Extract<WorkerReport, { kind: 'measured' }>,
  prefect: PrefectCounts,
): void {
  const problems = [
    report.failures > 0 && `${report.failures} messages were returned to the queue`,
    prefect.eventsInFlowRuns !== report.freshEvents &&
      `${prefect.eventsInFlowRuns} events are in flow runs, ${report.freshEvents} should be`,
    prefect.unknownPaths.length > 0 && `Prefect has no ${prefect.unknownPaths.join(', ')}`,
  ].filter((problem) => problem !== false);
  if (problems.length === 0) return;
  throw new WrongWorkError(
    `${contender.name}, batches of ${batchSize} with ${duplicatePercent} % duplicates: ${problems.join('; ')}`,
  );
}

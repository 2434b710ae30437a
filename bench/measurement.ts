/** One measurement: a fresh process, a fresh table, one side, one workload. */
import { CreateTableCommand, DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { fork } from 'node:child_process';
import { on } from 'node:events';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';
import type { CountingServer } from './counting-server.ts';
import type { DynamoDbCounts } from './dynamodb-proxy.ts';
import type { MeasureReport, MeasureRequest } from './measured-child.ts';
import type { Workload } from './order-messages.ts';
import type { PrefectCounts } from './prefect-stub.ts';
import type { Side, SideName } from './sides.ts';

export interface Parts {
  /** To the emulator itself, for tables. */
  readonly dynamodb: DynamoDBClient;
  readonly dynamodbProxy: CountingServer<DynamoDbCounts>;
  readonly prefect: CountingServer<PrefectCounts>;
  readonly prefectApiUrl: string;
  /** Where CPU profiles go; null: none are taken. */
  readonly profilesFolder: string | null;
}

export interface Effort {
  readonly warmUpInvocations: number;
  readonly measuredInvocations: number;
}

export interface Measurement extends Workload {
  readonly side: SideName;
  readonly firstInvokeMs: number;
  readonly loadsUndici: boolean;
  readonly dynamodbRequestsPerEvent: number;
  readonly writeUnitsPerEvent: number;
  readonly prefectRequestsPerEvent: number;
  readonly cpuMicrosecondsPerEvent: number;
  readonly wallMicrosecondsPerEvent: number;
}

export interface FirstInvoke {
  readonly side: SideName;
  readonly firstInvokeMs: number;
  readonly loadsUndici: boolean;
}

/** The handler did not do the job that was measured, so its figures say nothing. */
export class WrongWorkError extends Error {
  override readonly name = 'WrongWorkError';
}

export async function measure(
  parts: Parts,
  side: Side,
  bundle: Bundle,
  workload: Workload,
  effort: Effort,
): Promise<Measurement> {
  return withTable(parts, side, async (tableName) => {
    const request = {
      bundle: bundle.file,
      workload,
      salt: tableName,
      ...effort,
      profileFile: profileFile(parts.profilesFolder, side, workload),
    };
    let first: FirstInvoke | null = null;
    for await (const { report, goOn } of reportsOf(parts, side, tableName, request)) {
      switch (report.kind) {
        case 'first invoke':
          first = { side: side.name, firstInvokeMs: report.firstInvokeMs, loadsUndici: report.loadsUndici };
          break;
        case 'warm':
          await takeAllCounts(parts);
          goOn();
          break;
        case 'measured': {
          const { dynamodb, prefect } = await takeAllCounts(parts);
          assertRightWork(side, workload, report, prefect);
          if (first === null) throw new WrongWorkError(`${side.name} reported no first invoke`);
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
    throw new WrongWorkError(`${side.name} ended before it had measured anything; its error is above`);
  });
}

/** Loading the bundle and the first invocation, with ten messages, in a fresh process. */
export async function measureFirstInvoke(parts: Parts, side: Side, bundle: Bundle): Promise<FirstInvoke> {
  return withTable(parts, side, async (tableName) => {
    const workload = { batchSize: 10, duplicatePercent: 0 };
    const request = {
      bundle: bundle.file,
      workload,
      salt: tableName,
      warmUpInvocations: 0,
      measuredInvocations: 0,
      profileFile: null,
    };
    for await (const { report } of reportsOf(parts, side, tableName, request)) {
      if (report.kind === 'first invoke') {
        return { side: side.name, firstInvokeMs: report.firstInvokeMs, loadsUndici: report.loadsUndici };
      }
    }
    throw new WrongWorkError(`${side.name} could not be invoked; its error is above`);
  });
}

async function withTable<Result>(
  { dynamodb }: Parts,
  side: Side,
  work: (tableName: string) => Promise<Result>,
): Promise<Result> {
  const tableName = `bench-${side.name}-${crypto.randomUUID()}`;
  await dynamodb.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: side.tableKey, KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: side.tableKey, AttributeType: 'S' }],
    }),
  );
  try {
    return await work(tableName);
  } finally {
    await dynamodb.send(new DeleteTableCommand({ TableName: tableName }));
  }
}

async function* reportsOf(
  parts: Parts,
  side: Side,
  tableName: string,
  request: MeasureRequest,
): AsyncGenerator<{ report: MeasureReport; goOn: () => void }> {
  const child = fork(join(import.meta.dirname, 'measured-child.ts'), {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_LAMBDA_FUNCTION_NAME: 'orders',
      AWS_ENDPOINT_URL_DYNAMODB: parts.dynamodbProxy.url,
      LAMBDA_TASK_ROOT: join(request.bundle, '..'),
      ...side.environment(tableName, parts.prefectApiUrl),
    },
    // What a handler logs is formatted and written, at its own cost, and then thrown away.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new AbortController();
  child.once('exit', () => {
    ended.abort();
  });
  child.send(request);
  try {
    for await (const [report] of on(child, 'message', { signal: ended.signal }) as AsyncIterable<
      [MeasureReport]
    >) {
      yield {
        report,
        goOn: () => {
          child.send('go on');
        },
      };
    }
  } catch (error) {
    // The child has ended, which is the end of its reports.
    if (!ended.signal.aborted) throw error;
  } finally {
    if (child.connected) child.disconnect();
  }
}

function profileFile(
  folder: string | null,
  side: Side,
  { batchSize, duplicatePercent }: Workload,
): string | null {
  return folder && join(folder, `${side.name}-${batchSize}-${duplicatePercent}.cpuprofile`);
}

async function takeAllCounts({ dynamodbProxy, prefect }: Parts) {
  return { dynamodb: await dynamodbProxy.takeCounts(), prefect: await prefect.takeCounts() };
}

function assertRightWork(
  side: Side,
  { batchSize, duplicatePercent }: Workload,
  report: Extract<MeasureReport, { kind: 'measured' }>,
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
    `${side.name}, batches of ${batchSize} with ${duplicatePercent} % duplicates: ${problems.join('; ')}`,
  );
}

/** What was left behind by a process that died, and by a timer that was lost, on a real table and a real Prefect. */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbTableScan } from '../../lib/adapters/dynamodb/dynamodb-table-scan.ts';
import { DynamoDbWindowFlushStore } from '../../lib/adapters/dynamodb/dynamodb-window-flush-store.ts';
import {
  DynamoDbWindowIndex,
  DynamoDbWindowReader,
} from '../../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import { PrefectFlowRunCounter } from '../../lib/adapters/prefect/prefect-flow-run-counter.ts';
import { PrefectHttp } from '../../lib/adapters/prefect/prefect-http.ts';
import type { CompiledCoalescing } from '../../lib/compiled-config/compiled-coalescing.ts';
import { runPipeline } from '../../lib/pipeline.ts';
import type { ReconcileReport } from '../../lib/reconcile/findings.ts';
import { reconcile } from '../../lib/reconcile/reconcile.ts';
import { flushWindows } from '../../lib/executor/flush-windows.ts';
import type { DyingPipelineTerms } from '../support/parts/dying-pipeline.ts';
import { InMemorySecretSource } from '../support/fakes/in-memory-secret-source.ts';
import { PLENTY_OF_TIME, sqsRecord } from '../support/builders/pipeline-parts.ts';
import { PrefectApi } from '../support/parts/prefect-api.ts';
import { eventIdsInRuns } from '../support/parts/prefect-runs.ts';
import { realPipeline, type RealPipelineTerms } from '../support/parts/real-pipeline.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';

// Without a JDK the emulator's own DynamoDB takes the place of DynamoDB Local.
const dynamodbUrl = inject('dynamodbLocalUrl') ?? inject('awsEndpointUrl');
const prefectApiUrl = inject('prefectApiUrl');
const prefect = new PrefectApi(prefectApiUrl);
const client = dynamoDbClientFor(dynamodbUrl);
const tables = new TemporaryTables(client);
afterAll(() => tables.deleteAll());

const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 };
const INVOCATION: CompiledCoalescing = { mode: 'invocation', ...CAPS };
const WINDOW: CompiledCoalescing = { mode: 'window', maxWaitSeconds: 60, bypassWhen: null, ...CAPS };

async function makeTerms(coalesce: CompiledCoalescing) {
  const flow = `reconcile-${randomUUID()}`;
  const deploymentId = await prefect.createDeployment({ flow, deployment: 'prod' });
  const tableName = await tables.create();
  return {
    deploymentId,
    context: { dynamodbUrl, tableName, prefectApiUrl, flow, coalesce, clockAheadMs: 0 },
  };
}

/** Five minutes later, when leases and graces are over. */
async function reconcileLater(earlier: RealPipelineTerms, dryRun: boolean): Promise<ReconcileReport> {
  const context = { ...earlier, clockAheadMs: 300_000 };
  const { config, ports, close } = realPipeline(context);
  const { tableName } = context;
  const table = new DynamoDbTable({ client, tableName });
  const store = new DynamoDbWindowFlushStore(table);
  const windowReader = new DynamoDbWindowReader(table);
  const flushing = {
    ...ports,
    windowReader,
    windowFlushes: store,
    windowRedirector: store,
    windowCloser: store,
  };
  const flushTerms = {
    installation: tableName,
    configHash: config.hash,
    requestTimeoutMs: 10_000,
    deadline: PLENTY_OF_TIME,
  };
  const http = new PrefectHttp({
    apiUrl: prefectApiUrl,
    authSecret: null,
    headers: {},
    version: 'test',
    secrets: new InMemorySecretSource({}),
    clock: ports.clock,
  });
  const report = await reconcile(
    { scope: 'everything', dryRun, startKey: null, maxPages: null },
    config,
    {
      ...ports,
      windowReader,
      windowIndex: new DynamoDbWindowIndex(table),
      windowFlusher: { flushWindows: (requests) => flushWindows(requests, config, flushing, flushTerms) },
      tableScan: new DynamoDbTableScan({ client, tableName }),
      recordWriter: ports.records,
      flowRunFinder: ports.flowRuns,
      flowRunCounter: new PrefectFlowRunCounter(http),
    },
    PLENTY_OF_TIME,
  );
  http.close();
  close();
  return report;
}

/** All items, in an order that is always the same. */
async function itemsOf(tableName: string): Promise<readonly string[]> {
  const { Items: items = [] } = await client.send(
    new ScanCommand({ TableName: tableName, ConsistentRead: true }),
  );
  return items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();
}

describe('reconciling a real table with a real Prefect', () => {
  it('records the run of a process that was killed after it was created', async () => {
    const { deploymentId, context } = await makeTerms(INVOCATION);
    const dying: DyingPipelineTerms = { pipeline: context, ids: ['a', 'b', 'c'] };
    const child = spawn(process.execPath, ['test/support/parts/dying-pipeline.ts', JSON.stringify(dying)], {
      stdio: 'inherit',
    });
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');
    const left = await itemsOf(context.tableName);

    const dry = await reconcileLater(context, true);
    expect(await itemsOf(context.tableName)).toEqual(left);
    const wet = await reconcileLater(context, false);

    expect(dry.claims).toMatchObject({ recordMissing: 3, recordsWritten: 0, uncreated: 0 });
    expect(wet.claims).toMatchObject({ recordMissing: 3, recordsWritten: 1, uncreated: 0 });
    const [run] = await prefect.listFlowRuns({ deploymentId });
    expect(wet.claims?.findings).toMatchObject([{ kind: 'record-missing', flowRunId: run?.flowRunId }]);
    expect((await reconcileLater(context, false)).claims).toMatchObject({
      settled: 3,
      runsFound: 1,
      findings: [],
    });

    await prefect.deleteFlowRun(run?.flowRunId ?? '');
    expect((await reconcileLater(context, false)).claims).toMatchObject({
      settled: 3,
      runsFound: 0,
      runsDeleted: 1,
    });
  });

  it('flushes a window whose timer was lost, into one run with each event once', async () => {
    const { deploymentId, context } = await makeTerms(WINDOW);
    const pipeline = realPipeline(context);
    const records = ['a', 'b', 'c'].map((id) => sqsRecord(`message-${id}`, JSON.stringify({ id })));
    for (const record of records) {
      const [outcome] = await runPipeline([record], pipeline, PLENTY_OF_TIME);
      expect(outcome?.outcome.kind).toBe('held');
    }
    pipeline.close();
    const left = await itemsOf(context.tableName);

    const dry = await reconcileLater(context, true);
    expect(await itemsOf(context.tableName)).toEqual(left);
    expect(await eventIdsInRuns(prefect, deploymentId)).toEqual([]);
    const wet = await reconcileLater(context, false);

    expect(dry.windows).toMatchObject({ unclosed: 1, overdue: 1, swept: 0 });
    expect(wet.windows).toMatchObject({ unclosed: 1, overdue: 1, swept: 1 });
    expect(await eventIdsInRuns(prefect, deploymentId)).toEqual(['a', 'b', 'c']);
    expect((await reconcileLater(context, false)).windows).toMatchObject({ unclosed: 0, overdue: 0 });
    expect(await eventIdsInRuns(prefect, deploymentId)).toEqual(['a', 'b', 'c']);
  });
});

/** Finds unfinished work of timers, workers and deployments, and repairs it if that is safe. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsClientSettings } from '../../lib/adapters/aws/aws-client-settings.ts';
import { readBundledConfig } from '../../lib/adapters/aws/bundled-config.ts';
import { DynamoDbTableScan } from '../../lib/adapters/dynamodb/dynamodb-table-scan.ts';
import { DynamoDbWindowIndex } from '../../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import { PrefectFlowRunCounter } from '../../lib/adapters/prefect/prefect-flow-run-counter.ts';
import { readTriggerEnvironment } from '../../lib/compiled-config/environment.ts';
import type { TimerQueue } from '../../lib/windows/window-ports.ts';
import { composeTelemetry } from '../compose-telemetry.ts';
import { composeFlushing } from '../compose-flushing.ts';
import { createReconcileHandler } from './reconcile.ts';

/** A page of the table is a megabyte. */
const SCAN_TIMEOUT_MS = 10_000;

const environment = readTriggerEnvironment(process.env);
const config = readBundledConfig(process.env['LAMBDA_TASK_ROOT'] ?? '.');
const { logger, metrics } = composeTelemetry('reconcile', environment.source);

const { ports, table, installation, http } = composeFlushing(
  config,
  environment,
  { logger, metrics },
  environment.source,
  { isBackground: true },
);
const scanClient = new DynamoDBClient(awsClientSettings({ requestTimeoutMs: SCAN_TIMEOUT_MS }));

/** Without windowed routes there is no timer queue: the next sweep finds the windows that are left. */
const NO_TIMERS: TimerQueue = { sendTimers: () => Promise.resolve([]) };

export const handler = createReconcileHandler({
  installation,
  config,
  ports: {
    ...ports,
    windowIndex: new DynamoDbWindowIndex(table),
    tableScan: new DynamoDbTableScan({ client: scanClient, tableName: environment.tableName }),
    recordWriter: ports.records,
    flowRunFinder: ports.flowRuns,
    flowRunCounter: new PrefectFlowRunCounter(http),
  },
  flushingPorts: environment.timerQueueUrl === null ? { ...ports, timers: NO_TIMERS } : ports,
  logger,
  metrics,
});

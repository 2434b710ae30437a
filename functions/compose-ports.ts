/** Composes the ports of every function that creates flow runs, once per execution environment. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClientSettings } from '../lib/adapters/aws/aws-client-settings.ts';
import { DynamoDbBatchRecordStore } from '../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { createDynamoDbClient } from '../lib/adapters/dynamodb/dynamodb-client.ts';
import { DynamoDbRouteVersionStore } from '../lib/adapters/dynamodb/dynamodb-route-version-store.ts';
import { DynamoDbTable } from '../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbWindowStore } from '../lib/adapters/dynamodb/dynamodb-window-store.ts';
import type { RequestBudget } from '../lib/budget/request-budget.ts';
import { jitteredBackoff } from '../lib/adapters/jittered-backoff.ts';
import { LazyOverflowStore } from '../lib/adapters/aws/lazy-overflow-store.ts';
import { PrefectDeploymentDirectory } from '../lib/adapters/prefect/prefect-deployment-directory.ts';
import { PrefectFlowRunClient } from '../lib/adapters/prefect/prefect-flow-run-client.ts';
import type { PrefectHttp } from '../lib/adapters/prefect/prefect-http.ts';
import { PrefectWorkQueueDirectory } from '../lib/adapters/prefect/prefect-work-queue-directory.ts';
import { SecretsManagerSecretSource } from '../lib/adapters/aws/secrets-manager-secret-source.ts';
import { SqsDeadLetterQueue } from '../lib/adapters/sqs/sqs-dead-letter-queue.ts';
import { SqsSender } from '../lib/adapters/sqs/sqs-sender.ts';
import { SqsTimerQueue } from '../lib/adapters/sqs/sqs-timer-queue.ts';
import { systemClock } from '../lib/adapters/system-clock.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import type { FlowRunEnvironment } from '../lib/compiled-config/environment.ts';
import type { SettlePorts } from '../lib/executor/settle-batches.ts';
import type { DeadLetterQueue, SecretSource } from '../lib/ports.ts';
import { CreateFailureStats } from '../lib/prefect/create-failure-stats.ts';
import type { TimerQueue } from '../lib/windows/window-ports.ts';
import { composeBudgetedPrefect } from './compose-budget.ts';
import type { Telemetry } from './compose-telemetry.ts';

export interface ComposedPorts {
  readonly ports: SettlePorts & { readonly deadLetters: DeadLetterQueue };
  readonly table: DynamoDbTable;
  readonly installation: string;
  /** Shared by everything that asks Prefect. */
  readonly budget: RequestBudget;
  /** The client of Prefect, with its connections. */
  readonly http: PrefectHttp;
  /** The cache is shared. */
  readonly secrets: SecretSource;
}

/** `name` is the source in log lines; a function whose work can wait `isBackground`. */
export function composePorts(
  config: CompiledConfig,
  environment: FlowRunEnvironment,
  telemetry: Telemetry,
  name: string,
  options: { readonly isBackground?: boolean } = {},
): ComposedPorts {
  const clock = systemClock;
  const { logger } = telemetry;
  const { requestTimeoutMs } = config.prefect;
  const secrets = new SecretsManagerSecretSource({
    client: new SecretsManagerClient(awsClientSettings()),
    clock,
  });
  const client = createDynamoDbClient();
  const table = new DynamoDbTable({ client, tableName: environment.tableName });
  const { http, budget } = composeBudgetedPrefect(config.prefect, {
    table,
    client,
    secrets,
    telemetry,
    isBackground: options.isBackground === true,
  });
  const sqs = new SQSClient(awsClientSettings());
  const senderTo = (queueUrl: string, queue: string): SqsSender =>
    new SqsSender({
      client: sqs,
      queueUrl,
      onFailure: (code) => {
        logger.warn(`${queue} refused messages`, { source: name, code });
      },
    });
  const { deadLetterQueueUrl, timerQueueUrl, overflowBucket } = environment;
  const windows = new DynamoDbWindowStore(table);
  const ports: ComposedPorts['ports'] = {
    claims: new DynamoDbClaimStore(table),
    records: new DynamoDbBatchRecordStore(table, ({ count, error }) => {
      logger.warn('batch records not written', { source: name, count, error: error?.message });
    }),
    flowRuns: new PrefectFlowRunClient(http),
    deployments: new PrefectDeploymentDirectory({ http, clock, requestTimeoutMs }),
    workQueues: new PrefectWorkQueueDirectory({ http, clock }),
    overflow: overflowBucket === null ? null : new LazyOverflowStore(overflowBucket),
    history: new CreateFailureStats(),
    backoff: jitteredBackoff,
    deadLetters: new SqsDeadLetterQueue(senderTo(deadLetterQueueUrl, 'dead-letter queue')),
    windows,
    batchAbandoner: windows,
    routeVersions: new DynamoDbRouteVersionStore(table),
    timers:
      timerQueueUrl === null
        ? NO_TIMERS
        : new SqsTimerQueue({ sender: senderTo(timerQueueUrl, 'timer queue'), clock }),
    clock,
    budget,
  };
  return { ports, budget, table, installation: environment.installation, http, secrets };
}

/** Without windowed routes no window is opened; one that an earlier deployment left is flushed by the sweep. */
const NO_TIMERS: TimerQueue = {
  sendTimers: (timers) => Promise.resolve(timers.map((_, index) => index)),
};

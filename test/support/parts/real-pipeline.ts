/** The pipeline over real adapters: DynamoDB and Prefect at the given addresses, dead letters and timers in memory. */
import { DynamoDbBatchRecordStore } from '../../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../../../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { DynamoDbRouteVersionStore } from '../../../lib/adapters/dynamodb/dynamodb-route-version-store.ts';
import { DynamoDbTable } from '../../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbWindowStore } from '../../../lib/adapters/dynamodb/dynamodb-window-store.ts';
import { jitteredBackoff } from '../../../lib/adapters/jittered-backoff.ts';
import { PrefectDeploymentDirectory } from '../../../lib/adapters/prefect/prefect-deployment-directory.ts';
import { PrefectFlowRunClient } from '../../../lib/adapters/prefect/prefect-flow-run-client.ts';
import { PrefectHttp } from '../../../lib/adapters/prefect/prefect-http.ts';
import type { CompiledCoalescing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import type { Pipeline } from '../../../lib/pipeline.ts';
import type { Clock } from '../../../lib/ports.ts';
import { PrefectWorkQueueDirectory } from '../../../lib/adapters/prefect/prefect-work-queue-directory.ts';
import { CreateFailureStats } from '../../../lib/prefect/create-failure-stats.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { makeRoute, makeSqsSource } from '../builders/compiled-config.ts';
import { InMemoryDeadLetterQueue } from '../fakes/in-memory-dead-letter-queue.ts';
import { InMemoryTimerQueue } from '../fakes/in-memory-timer-queue.ts';
import { InMemorySecretSource } from '../fakes/in-memory-secret-source.ts';
import { sqsConfig } from '../builders/pipeline-parts.ts';
import { dynamoDbClientFor } from './temporary-table.ts';

export interface RealPipelineTerms {
  readonly dynamodbUrl: string;
  readonly tableName: string;
  readonly prefectApiUrl: string;
  readonly flow: string;
  readonly coalesce: CompiledCoalescing;
  /** Of every clock: minutes ahead, leases of earlier invocations are over. */
  readonly clockAheadMs: number;
}

export function realPipeline(terms: RealPipelineTerms): Pipeline & { readonly close: () => void } {
  const { coalesce, flow, prefectApiUrl: apiUrl } = terms;
  const config = sqsConfig({
    coalesce,
    dedupe: { key: 'event.data.id', retentionSeconds: 86_400 },
    run: { ...makeRoute().run, flow },
  });
  const clock: Clock = { nowEpochMs: () => Date.now() + terms.clockAheadMs };
  const secrets = new InMemorySecretSource({});
  const http = new PrefectHttp({ apiUrl, authSecret: null, headers: {}, version: 'test', secrets, clock });
  const client = dynamoDbClientFor(terms.dynamodbUrl);
  const table = new DynamoDbTable({ client, tableName: terms.tableName });
  const windows = new DynamoDbWindowStore(table);
  return {
    installation: terms.tableName,
    config,
    source: config.sources['jobs'] ?? makeSqsSource(),
    routes: routesFrom(config, 'jobs'),
    ports: {
      claims: new DynamoDbClaimStore(table),
      records: new DynamoDbBatchRecordStore(table),
      flowRuns: new PrefectFlowRunClient(http),
      deployments: new PrefectDeploymentDirectory({ http, clock, requestTimeoutMs: 10_000 }),
      workQueues: new PrefectWorkQueueDirectory({ http, clock }),
      history: new CreateFailureStats(),
      backoff: jitteredBackoff,
      overflow: null,
      deadLetters: new InMemoryDeadLetterQueue(),
      timers: new InMemoryTimerQueue(),
      windows,
      batchAbandoner: windows,
      routeVersions: new DynamoDbRouteVersionStore(table),
      clock,
    },
    close: () => {
      http.close();
      client.destroy();
    },
  };
}

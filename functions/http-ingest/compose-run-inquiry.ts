/**
 * What a source needs that answers with flow runs, and no other: bundles for other sources leave this file out, and
 * with it expressions and the client of the table.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsClientSettings } from '../../lib/adapters/aws/aws-client-settings.ts';
import { DynamoDbBatchRecordStore } from '../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { pollingBackoff } from '../../lib/adapters/polling-backoff.ts';
import { systemClock } from '../../lib/adapters/system-clock.ts';
import type { CompiledConfig, CompiledHttpSource } from '../../lib/compiled-config/compiled.ts';
import { readRunInquiryEnvironment, type Environment } from '../../lib/compiled-config/environment.ts';
import { FlowRunStatusPoller } from '../../lib/flow-run-status/status-poller.ts';
import { routesFrom } from '../../lib/routing/route.ts';

/** A look that fails is taken again soon, so that it need not be tried for long. */
const LOOK_LIMITS = { maxAttempts: 1, connectionTimeoutMs: 500, requestTimeoutMs: 1_000 };

/** @throws EnvironmentError, StaleConfigurationError */
export function composeRunInquiry(
  config: CompiledConfig,
  source: CompiledHttpSource,
  maxWaitSeconds: number,
  env: Environment,
): FlowRunStatusPoller {
  const { tableName } = readRunInquiryEnvironment(env);
  const table = new DynamoDbTable({ client: new DynamoDBClient(awsClientSettings(LOOK_LIMITS)), tableName });
  return new FlowRunStatusPoller({
    source,
    limits: config.limits,
    routes: routesFrom(config, source.name),
    maxWaitSeconds,
    ports: {
      claims: new DynamoDbClaimStore(table),
      records: new DynamoDbBatchRecordStore(table),
      backoff: pollingBackoff,
      clock: systemClock,
    },
  });
}

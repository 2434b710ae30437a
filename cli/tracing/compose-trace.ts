/** Composes what a trace asks, with the caller's own credentials for AWS. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsClientSettings } from '../../lib/adapters/aws/aws-client-settings.ts';
import { CloudWatchLogSearch } from '../../lib/adapters/aws/cloudwatch-log-search.ts';
import { readDeployedTable } from '../../lib/adapters/aws/deployed-table.ts';
import { SecretsManagerSecretSource } from '../../lib/adapters/aws/secrets-manager-secret-source.ts';
import { DynamoDbBatchRecordStore } from '../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { createDynamoDbClient } from '../../lib/adapters/dynamodb/dynamodb-client.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbWindowReader } from '../../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import { PrefectFlowRunInspector } from '../../lib/adapters/prefect/prefect-flow-run-inspector.ts';
import { PrefectHttp, type PrefectHttpOptions } from '../../lib/adapters/prefect/prefect-http.ts';
import { systemClock } from '../../lib/adapters/system-clock.ts';
import type { CompiledConfig, CompiledPrefect } from '../../lib/compiled-config/compiled.ts';
import { VERSION } from '../../lib/version.ts';
import type { TraceTools } from './find-event.ts';

const LOG_SEARCH_TIMEOUT_MS = 10_000;

export interface ComposedTrace {
  readonly tools: TraceTools;
  readonly close: () => void;
}

/** The stack has no function with a table. */
export class NoTableError extends Error {
  override readonly name = 'NoTableError';
  readonly retryable = false;

  constructor(stack: string) {
    super(`stack ${stack} has no function with a table; name another stack with --stack`);
  }
}

/** @throws {NoTableError}, and the SDK's errors. */
export async function composeTrace(stack: string, config: CompiledConfig): Promise<ComposedTrace> {
  const lambda = new LambdaClient(awsClientSettings());
  const cloudFormation = new CloudFormationClient(awsClientSettings());
  const deployed = await readDeployedTable(stack, { cloudFormation, lambda });
  if (deployed === null) throw new NoTableError(stack);
  const { tableName, installation, logGroupNames } = deployed;
  const table = new DynamoDbTable({ client: createDynamoDbClient(), tableName });
  const http = new PrefectHttp(prefectOptions(config.prefect, process.env));
  return {
    tools: {
      ports: {
        claims: new DynamoDbClaimStore(table),
        records: new DynamoDbBatchRecordStore(table),
        windows: new DynamoDbWindowReader(table),
        flowRuns: new PrefectFlowRunInspector(http),
      },
      logs: new CloudWatchLogSearch({
        client: new CloudWatchLogsClient(awsClientSettings()),
        logGroupNames,
        clock: systemClock,
        timeoutMs: LOG_SEARCH_TIMEOUT_MS,
      }),
      options: {
        installation,
        nowEpochMs: systemClock.nowEpochMs(),
        requestTimeoutMs: config.prefect.requestTimeoutMs,
      },
    },
    close: () => {
      http.close();
    },
  };
}

/**
 * Ask Prefect as the functions do, unless the caller's environment names a server or a key: Prefect's own variables
 * (https://docs.prefect.io/v3/concepts/settings-and-profiles).
 */
function prefectOptions(
  { apiUrl, authSecret, headers }: CompiledPrefect,
  { PREFECT_API_URL: url, PREFECT_API_KEY: apiKey }: NodeJS.ProcessEnv,
): PrefectHttpOptions {
  const common = {
    apiUrl: url === undefined || url === '' ? apiUrl : url.replace(/\/+$/, ''),
    headers,
    version: VERSION,
    clock: systemClock,
  };
  if (apiKey !== undefined && apiKey !== '') {
    const secret = JSON.stringify({ apiKey });
    return {
      ...common,
      authSecret: 'PREFECT_API_KEY',
      secrets: { readSecret: () => Promise.resolve(secret) },
    };
  }
  const client = new SecretsManagerClient(awsClientSettings());
  return { ...common, authSecret, secrets: new SecretsManagerSecretSource({ client, clock: systemClock }) };
}

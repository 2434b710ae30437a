/** What all triggers work with, put together once per execution environment. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClientSettings } from '../lib/adapters/aws-client-settings.ts';
import { DynamoDbBatchRecordStore } from '../lib/adapters/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../lib/adapters/dynamodb-claim-store.ts';
import { createDynamoDbClient } from '../lib/adapters/dynamodb-client.ts';
import { DynamoDbTable } from '../lib/adapters/dynamodb-table.ts';
import { jitteredPacing } from '../lib/adapters/jittered-pacing.ts';
import { PrefectDeploymentDirectory } from '../lib/adapters/prefect-deployment-directory.ts';
import { PrefectFlowRunClient } from '../lib/adapters/prefect-flow-run-client.ts';
import { PrefectHttp } from '../lib/adapters/prefect-http.ts';
import { SecretsManagerSecretSource } from '../lib/adapters/secrets-manager-secret-source.ts';
import { SqsDeadLetterQueue } from '../lib/adapters/sqs-dead-letter-queue.ts';
import { SqsSender } from '../lib/adapters/sqs-sender.ts';
import { systemClock } from '../lib/adapters/system-clock.ts';
import type { CompiledConfig, CompiledSource } from '../lib/config/compiled.ts';
import { EnvironmentError, SOURCE_VARIABLE, type TriggerEnvironment } from '../lib/config/environment.ts';
import type { Pipeline } from '../lib/pipeline.ts';
import type { SecretSource } from '../lib/ports.ts';
import { CreateHistory } from '../lib/prefect/create-history.ts';
import { routesFrom } from '../lib/routing/route.ts';
import { VERSION } from '../lib/version.ts';

export interface Composition {
  readonly pipeline: Pipeline;
  /** For what a trigger needs beside the pipeline; its cache is shared. */
  readonly secrets: SecretSource;
}

/** @throws EnvironmentError when the configuration has no such source. */
export function composePipeline(
  config: CompiledConfig,
  environment: TriggerEnvironment,
  logger: Logger,
): Composition {
  const clock = systemClock;
  const { apiUrl, authSecret, headers, requestTimeoutMs } = config.prefect;
  const secrets = new SecretsManagerSecretSource({
    client: new SecretsManagerClient(awsClientSettings()),
    clock,
  });
  const http = new PrefectHttp({ apiUrl, authSecret, headers, version: VERSION, secrets, clock });
  const table = new DynamoDbTable({ client: createDynamoDbClient(), tableName: environment.tableName });
  const deadLetterSender = new SqsSender({
    client: new SQSClient(awsClientSettings()),
    queueUrl: environment.deadLetterQueueUrl,
    onFailure: (code) => {
      logger.warn('dead-letter queue refused messages', { source: environment.source, code });
    },
  });
  const ports: Pipeline['ports'] = {
    claims: new DynamoDbClaimStore(table),
    records: new DynamoDbBatchRecordStore(table, ({ count, error }) => {
      logger.warn('batch records not written', { source: environment.source, count, error: error?.message });
    }),
    flowRuns: new PrefectFlowRunClient(http),
    deployments: new PrefectDeploymentDirectory({ http, clock, requestTimeoutMs }),
    history: new CreateHistory(),
    pacing: jitteredPacing,
    deadLetters: new SqsDeadLetterQueue(deadLetterSender),
    clock,
  };
  const source = sourceOf(config, environment.source);
  return { pipeline: { config, source, routes: routesFrom(config, source.name), ports }, secrets };
}

function sourceOf({ sources }: CompiledConfig, name: string): CompiledSource {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (source !== undefined) return source;
  throw new EnvironmentError([
    { variable: SOURCE_VARIABLE, detail: 'names no source of the bundled configuration: deploy again' },
  ]);
}

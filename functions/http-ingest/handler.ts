/** The endpoint of one HTTP source. Everything it works with is put together here, once per execution environment. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClientSettings } from '../../lib/adapters/aws/aws-client-settings.ts';
import { readBundledConfig } from '../../lib/adapters/aws/bundled-config.ts';
import { HttpClient } from '../../lib/adapters/http/http-client.ts';
import { HttpsDocumentSource } from '../../lib/adapters/http/https-document-fetcher.ts';
import { SecretsManagerSecretSource } from '../../lib/adapters/aws/secrets-manager-secret-source.ts';
import { SqsEventQueue } from '../../lib/adapters/sqs/sqs-event-queue.ts';
import { SqsSender } from '../../lib/adapters/sqs/sqs-sender.ts';
import { systemClock } from '../../lib/adapters/system-clock.ts';
import type { CompiledConfig, CompiledHttpSource } from '../../lib/compiled-config/compiled.ts';
import {
  EnvironmentError,
  readHttpIngestEnvironment,
  SOURCE_VARIABLE,
} from '../../lib/compiled-config/environment.ts';
import { composeTelemetry } from '../compose-telemetry.ts';
import { createHttpIngestHandler } from './http-ingest.ts';

const environment = readHttpIngestEnvironment(process.env);
const config = readBundledConfig(process.env['LAMBDA_TASK_ROOT'] ?? '.');
const { logger, metrics } = composeTelemetry('http-ingest', environment.source);

const sender = new SqsSender({
  client: new SQSClient(awsClientSettings()),
  queueUrl: environment.queueUrl,
  onFailure: (code) => {
    logger.warn('queue refused messages', { source: environment.source, code });
  },
});

const source = httpSourceOf(config, environment.source);

/** Begins while the execution environment starts; what fails here ends it, as it would anywhere above. */
async function runInquiryIn(maxWaitSeconds: number) {
  const { composeRunInquiry } = await import('#run-inquiry');
  return composeRunInquiry(config, source, maxWaitSeconds, process.env);
}

export const handler = createHttpIngestHandler({
  source,
  limits: config.limits,
  ports: {
    queue: new SqsEventQueue(sender),
    secrets: new SecretsManagerSecretSource({
      client: new SecretsManagerClient(awsClientSettings()),
      clock: systemClock,
    }),
    documents: new HttpsDocumentSource({ exchange: new HttpClient(), clock: systemClock }),
    clock: systemClock,
  },
  ...(source.respond.mode === 'run' && { runInquiry: runInquiryIn(source.respond.maxWaitSeconds) }),
  outcomeLogs: config.logs.outcomes,
  logger,
  metrics,
});

function httpSourceOf({ sources }: CompiledConfig, name: string): CompiledHttpSource {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (source?.type === 'http') return source;
  throw new EnvironmentError([
    { variable: SOURCE_VARIABLE, detail: 'names no HTTP source of the bundled configuration: deploy again' },
  ]);
}

/** The `sluice.yaml` of an installation, for each version of its routes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation } from './event.ts';
import { routesConfiguration, type RouteVersion } from './routes.ts';

export const HOOK_SECRET = 'sluice/chaos-hook';
export const TOPIC = 'chaos';
export const CONSUMER_GROUP = 'sluice-chaos';

/** Short, so that what fails is delivered again within seconds. */
export const FUNCTION_TIMEOUT_SECONDS = 10;

export interface ConfigurationTerms {
  readonly installation: Installation;
  readonly version: RouteVersion;
  /** `null`: no source reads Kafka. */
  readonly kafkaBootstrapServer: string | null;
}

/** Write the configuration as JSON, which is YAML as well. @returns the file */
export function writeConfiguration(folder: string, terms: ConfigurationTerms): string {
  const sources = sourcesOf(terms);
  const configuration = {
    prefect: { apiUrl: 'http://127.0.0.1:4200/api', auth: 'none', requestTimeout: '5s' },
    sources,
    routes: routesConfiguration(terms.version, Object.keys(sources)),
  };
  const file = join(folder, `${terms.installation}-${terms.version}.yaml`);
  writeFileSync(file, JSON.stringify(configuration, null, 2));
  return file;
}

function sourcesOf({ installation, kafkaBootstrapServer }: ConfigurationTerms): Record<string, unknown> {
  const timeout = { function: { timeout: `${FUNCTION_TIMEOUT_SECONDS}s` } };
  const queue = (name: string): object => ({
    type: 'sqs',
    queueArn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    ...timeout,
  });
  if (installation === 'b') return { jobs: queue('replaced') };
  return {
    'hook': { type: 'http', path: '/events', verify: { scheme: 'bearer', secret: HOOK_SECRET }, ...timeout },
    'jobs': queue('replaced'),
    'jobs-fifo': queue('replaced.fifo'),
    ...(kafkaBootstrapServer !== null && {
      topic: {
        type: 'kafka',
        bootstrapServers: [kafkaBootstrapServer],
        auth: 'none',
        topics: [TOPIC],
        consumerGroup: CONSUMER_GROUP,
        ...timeout,
      },
    }),
  };
}

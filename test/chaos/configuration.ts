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

export interface ConfigurationOptions {
  readonly installation: Installation;
  readonly version: RouteVersion;
  /** `null`: no source reads Kafka. */
  readonly kafkaBootstrapServer: string | null;
}

/** Write the configuration as JSON, which is YAML as well. @returns the file */
export function writeConfiguration(folder: string, options: ConfigurationOptions): string {
  const sources = toSources(options);
  const configuration = {
    prefect: { apiUrl: 'http://127.0.0.1:4200/api', auth: 'none', requestTimeout: '5s' },
    sources,
    routes: routesConfiguration(options.version, Object.keys(sources)),
  };
  const file = join(folder, `${options.installation}-${options.version}.yaml`);
  writeFileSync(file, JSON.stringify(configuration, null, 2));
  return file;
}

function toSources({ installation, kafkaBootstrapServer }: ConfigurationOptions): Record<string, unknown> {
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
    'recurring': queue('replaced'),
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

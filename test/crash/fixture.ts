/**
 * The fixture of the crash test and the soak: the real bundles of `sqs-trigger` and `window-flush` with a route for
 * each mode, and a table, queues and deployments of their own.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeBundle } from '../../infra/bundle.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbWindowIndex } from '../../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import type { CompiledCoalescing } from '../../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledConfig, CompiledRoute } from '../../lib/compiled-config/compiled.ts';
import { windowIdOf } from '../../lib/windows/window.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { makeCompiledConfig, makeRoute, makeSqsSource } from '../support/builders/compiled-config.ts';
import { PrefectApi } from '../support/parts/prefect-api.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';
import type { DeployedFunction } from './function-process.ts';

export interface Endpoints {
  readonly awsUrl: string;
  readonly dynamodbUrl: string;
  readonly prefectApiUrl: string;
}

/** Write `handler.js` and `sluice.config.json`. */
export type Bundler = (
  name: 'sqs-trigger' | 'window-flush',
  config: CompiledConfig,
  folder: string,
) => void | Promise<void>;

export interface FixtureOptions {
  /** How the functions reach the same services. Default: as this process does. */
  readonly functionEndpoints?: Endpoints;
  /** Default: the bundle that is deployed. */
  readonly bundle?: Bundler;
}

export interface Fixture {
  readonly trigger: DeployedFunction;
  readonly flush: DeployedFunction;
  readonly timers: SqsTestQueue;
  readonly deadLetters: SqsTestQueue;
  readonly prefect: PrefectApi;
  /** Ids of deployments by the name of the route. */
  readonly deploymentIds: ReadonlyMap<string, string>;
  /** List the ids of the windows that are not closed. */
  readonly unclosedWindows: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** Prefect refuses an event whose `amount` is not an integer, and with it every run that holds it. */
const PARAMETER_SCHEMA = {
  type: 'object',
  properties: {
    orders: { type: 'array', items: { type: 'object', properties: { amount: { type: 'integer' } } } },
  },
  required: ['orders'],
};

/** A route takes the events whose data names it: `{ "route": "…", "id": "…", "line": "…", "amount": 1 }`. */
export async function openFixture(
  endpoints: Endpoints,
  coalescing: Readonly<Record<string, CompiledCoalescing>>,
  { functionEndpoints = endpoints, bundle = writeBundle }: FixtureOptions = {},
): Promise<Fixture> {
  const prefect = new PrefectApi(endpoints.prefectApiUrl);
  const flow = `crash-${randomUUID()}`;
  const deploymentIds = new Map<string, string>();
  for (const deployment of Object.keys(coalescing)) {
    const terms = { flow, deployment, parameterSchema: PARAMETER_SCHEMA };
    deploymentIds.set(deployment, await prefect.createDeployment(terms));
  }
  const config = configOf(flow, coalescing, functionEndpoints.prefectApiUrl);
  const client = dynamoDbClientFor(endpoints.dynamodbUrl);
  const tables = new TemporaryTables(client);
  const tableName = await tables.create();
  const timers = await SqsTestQueue.create(endpoints.awsUrl);
  const deadLetters = await SqsTestQueue.create(endpoints.awsUrl);
  const environment = {
    AWS_ENDPOINT_URL: functionEndpoints.awsUrl,
    AWS_ENDPOINT_URL_DYNAMODB: functionEndpoints.dynamodbUrl,
    SLUICE_SOURCE: 'jobs',
    SLUICE_TABLE_NAME: tableName,
    SLUICE_INSTALLATION: tableName,
    SLUICE_TIMER_QUEUE_URL: throughEndpoint(timers.queueUrl, functionEndpoints.awsUrl),
    SLUICE_DEAD_LETTER_QUEUE_URL: throughEndpoint(deadLetters.queueUrl, functionEndpoints.awsUrl),
  };
  // The project's package.json would make ES modules of the bundles, which are CommonJS.
  const folder = makeTemporaryFolder('crash');
  const deploy = async (name: Parameters<Bundler>[0]): Promise<DeployedFunction> => {
    const bundleFolder = join(folder, name);
    mkdirSync(bundleFolder);
    await bundle(name, config, bundleFolder);
    return { name, bundleFolder, environment };
  };
  const index = new DynamoDbWindowIndex(new DynamoDbTable({ client, tableName }));
  return {
    trigger: await deploy('sqs-trigger'),
    flush: await deploy('window-flush'),
    timers,
    deadLetters,
    prefect,
    deploymentIds,
    unclosedWindows: async () => {
      const windowIds: string[] = [];
      for await (const place of index.listUnclosed()) windowIds.push(windowIdOf(place));
      return windowIds;
    },
    close: async () => {
      await Promise.all([timers.delete(), deadLetters.delete(), tables.deleteAll()]);
      client.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(
  flow: string,
  coalescing: Readonly<Record<string, CompiledCoalescing>>,
  apiUrl: string,
): CompiledConfig {
  const routes = Object.entries(coalescing).map(([name, coalesce]): CompiledRoute =>
    makeRoute({
      name,
      from: ['jobs'],
      when: `event.data.route == "${name}"`,
      dedupe: { key: 'event.data.id', retentionSeconds: 86_400 },
      coalesce,
      run: { ...makeRoute().run, flow, deployment: name },
    }),
  );
  const { prefect, ...config } = makeCompiledConfig([makeSqsSource()], { routes });
  return { ...config, prefect: { ...prefect, apiUrl, authSecret: null } };
}

/** The SDK sends requests to the host of the queue's URL, whatever its endpoint is. */
function throughEndpoint(queueUrl: string, endpointUrl: string): string {
  const url = new URL(queueUrl);
  url.host = new URL(endpointUrl).host;
  return url.href;
}

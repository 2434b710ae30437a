/**
 * The fixture of the crash test and the soak: the real bundles with a route for each mode, and a table, queues, a
 * bucket and deployments of their own.
 */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeBundle } from '../../infra/bundle.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbWindowIndex } from '../../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import { windowIdOf } from '../../lib/windows/window.ts';
import { makeTemporaryFolder } from '../../scripts/stack/process.ts';
import { makeCompiledConfig, makeKafkaSource, makeSqsSource } from '../support/builders/compiled-config.ts';
import { PrefectApi } from '../support/parts/prefect-api.ts';
import { SqsTestQueue, TEST_AWS } from '../support/parts/sqs-test-queue.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';
import {
  compileFixtureRoute,
  deploymentOf,
  parameterSchemaOf,
  type FixtureDeployment,
  type FixtureRoutes,
} from './fixture-route.ts';
import type { DeployedFunction } from './function-process.ts';

export interface Endpoints {
  readonly awsUrl: string;
  readonly dynamodbUrl: string;
  readonly prefectApiUrl: string;
  /** Default: that of AWS. */
  readonly s3Url?: string;
}

export type FunctionName = 'sqs-trigger' | 'kafka-trigger' | 'window-flush' | 'reconcile';

/** Write `handler.js` and `sluice.config.json`. */
export type Bundler = (name: FunctionName, config: CompiledConfig, folder: string) => void | Promise<void>;

export interface FixtureOptions {
  /** How the functions reach the same services. Default: as this process does. */
  readonly functionEndpoints?: Endpoints;
  /** Default: the bundle that is deployed. */
  readonly bundle?: Bundler;
  /** What is deployed later: its deployments are created at once, so that no redeploy depends on Prefect. */
  readonly laterRoutes?: readonly FixtureRoutes[];
  /** A topic that exists. Default: the name of one that does not, for events that a test makes. */
  readonly topic?: TopicOfFixture;
}

export interface TopicOfFixture {
  readonly bootstrapServer: string;
  readonly topic: string;
  readonly groupId: string;
}

/** The functions of one deployment: they have its routes. */
export type DeployedFunctions = Readonly<Record<FunctionName, DeployedFunction>>;

/** An event goes to the queue or to the topic. */
const FROM = ['jobs', 'topic'] as const;
const FUNCTION_NAMES = ['sqs-trigger', 'kafka-trigger', 'window-flush', 'reconcile'] as const;
const NO_TOPIC: TopicOfFixture = { bootstrapServer: '127.0.0.1:9092', topic: 'orders', groupId: 'orders' };

export class Fixture {
  readonly prefect: PrefectApi;
  readonly timers: SqsTestQueue;
  readonly deadLetters: SqsTestQueue;
  readonly bucket = `sluice-test-${randomUUID()}`;
  readonly s3: S3Client;
  readonly tableName: string;
  readonly dynamoDb: DynamoDBClient;
  readonly #endpoints: Endpoints;
  readonly #options: FixtureOptions;
  readonly #flow = `crash-${randomUUID()}`;
  readonly #tables: TemporaryTables;
  readonly #deployments = new Map<string, FixtureDeployment & { readonly deploymentId: string }>();
  // The project's package.json would make ES modules of the bundles, which are CommonJS.
  readonly #folder = makeTemporaryFolder('crash');
  #versions = 0;
  #functions: DeployedFunctions | null = null;

  private constructor(
    endpoints: Endpoints,
    options: FixtureOptions,
    queues: { readonly timers: SqsTestQueue; readonly deadLetters: SqsTestQueue },
    database: {
      readonly dynamoDb: DynamoDBClient;
      readonly tables: TemporaryTables;
      readonly tableName: string;
    },
  ) {
    this.#endpoints = endpoints;
    this.#options = options;
    this.prefect = new PrefectApi(endpoints.prefectApiUrl);
    this.timers = queues.timers;
    this.deadLetters = queues.deadLetters;
    this.s3 = new S3Client({ ...TEST_AWS, endpoint: endpoints.awsUrl, forcePathStyle: true });
    this.dynamoDb = database.dynamoDb;
    this.#tables = database.tables;
    this.tableName = database.tableName;
  }

  static async open(
    endpoints: Endpoints,
    routes: FixtureRoutes,
    options: FixtureOptions = {},
  ): Promise<Fixture> {
    const dynamoDb = dynamoDbClientFor(endpoints.dynamodbUrl);
    const tables = new TemporaryTables(dynamoDb);
    const queues = {
      timers: await SqsTestQueue.create(endpoints.awsUrl),
      deadLetters: await SqsTestQueue.create(endpoints.awsUrl),
    };
    const database = { dynamoDb, tables, tableName: await tables.create() };
    const fixture = new Fixture(endpoints, options, queues, database);
    await fixture.s3.send(new CreateBucketCommand({ Bucket: fixture.bucket }));
    for (const later of options.laterRoutes ?? []) await fixture.#createDeployments(later);
    await fixture.deploy(routes);
    return fixture;
  }

  get awsUrl(): string {
    return this.#endpoints.awsUrl;
  }

  /** The functions as they were deployed last. */
  get functions(): DeployedFunctions {
    if (this.#functions === null) throw new Error('Nothing is deployed yet.');
    return this.#functions;
  }

  /** The deployments in Prefect that exist now. */
  get deployments(): readonly (FixtureDeployment & { readonly deploymentId: string })[] {
    return [...this.#deployments.values()];
  }

  /** Deploy the functions with these routes. Processes that run already keep the routes that they have. */
  async deploy(routes: FixtureRoutes): Promise<void> {
    await this.#createDeployments(routes);
    const version = this.#versions++;
    const config = this.#configOf(routes, version);
    const previous = this.#functions;
    const functions = new Map<FunctionName, DeployedFunction>();
    for (const name of FUNCTION_NAMES) {
      const bundleFolder = join(this.#folder, `${name}-${version}`);
      mkdirSync(bundleFolder);
      if (previous === null) {
        await (this.#options.bundle ?? writeBundle)(name, config, bundleFolder);
      } else {
        copyFileSync(join(previous[name].bundleFolder, 'handler.js'), join(bundleFolder, 'handler.js'));
        writeFileSync(join(bundleFolder, 'sluice.config.json'), JSON.stringify(config));
      }
      functions.set(name, { name, bundleFolder, environment: this.#environmentOf(name) });
    }
    this.#functions = Object.fromEntries(functions) as DeployedFunctions;
  }

  async createDeployment(deployment: FixtureDeployment): Promise<void> {
    const deploymentId = await this.prefect.createDeployment({
      flow: this.#flow,
      deployment: deployment.name,
      parameterSchema: parameterSchemaOf(deployment),
    });
    this.#deployments.set(deployment.name, { ...deployment, deploymentId });
  }

  /** Read the ids of the windows that are not closed, by default in the table of the fixture. */
  async unclosedWindows(tableName = this.tableName): Promise<readonly string[]> {
    const index = new DynamoDbWindowIndex(new DynamoDbTable({ client: this.dynamoDb, tableName }));
    const windowIds: string[] = [];
    for await (const place of index.listUnclosed()) windowIds.push(windowIdOf(place));
    return windowIds;
  }

  async close(): Promise<void> {
    await Promise.all([this.timers.delete(), this.deadLetters.delete(), this.#tables.deleteAll()]);
    this.dynamoDb.destroy();
    this.s3.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Create the deployments of these routes that do not exist yet. */
  async #createDeployments(routes: FixtureRoutes): Promise<void> {
    for (const [name, route] of Object.entries(routes)) {
      const deployment = deploymentOf(name, route);
      if (!this.#deployments.has(deployment.name)) await this.createDeployment(deployment);
    }
  }

  #environmentOf(name: FunctionName): Readonly<Record<string, string>> {
    const { functionEndpoints: endpoints = this.#endpoints } = this.#options;
    return {
      AWS_ENDPOINT_URL: endpoints.awsUrl,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodbUrl,
      AWS_ENDPOINT_URL_S3: endpoints.s3Url ?? endpoints.awsUrl,
      SLUICE_SOURCE: name === 'kafka-trigger' ? 'topic' : 'jobs',
      SLUICE_TABLE_NAME: this.tableName,
      SLUICE_INSTALLATION: this.tableName,
      SLUICE_TIMER_QUEUE_URL: throughEndpoint(this.timers.queueUrl, endpoints.awsUrl),
      SLUICE_DEAD_LETTER_QUEUE_URL: throughEndpoint(this.deadLetters.queueUrl, endpoints.awsUrl),
      SLUICE_OVERFLOW_BUCKET: this.bucket,
    };
  }

  #configOf(routes: FixtureRoutes, version: number): CompiledConfig {
    const { functionEndpoints: endpoints = this.#endpoints, topic: topicOfFixture = NO_TOPIC } =
      this.#options;
    const { bootstrapServer, topic, groupId } = topicOfFixture;
    const topicSource = makeKafkaSource({
      name: 'topic',
      cluster: {
        kind: 'self-managed',
        bootstrapServers: [bootstrapServer],
        auth: { scheme: 'none' },
        rootCaSecret: null,
        vpc: null,
      },
      topics: [topic],
      consumerGroupId: groupId,
      provisioned: { minPollers: 1, maxPollers: 1 },
    });
    const compiled = Object.entries(routes).map(([name, route]) =>
      compileFixtureRoute(name, route, { flow: this.#flow, from: FROM }),
    );
    const { prefect, ...config } = makeCompiledConfig([makeSqsSource(), topicSource], { routes: compiled });
    return {
      ...config,
      hash: version.toString(16).padStart(16, '0'),
      prefect: { ...prefect, apiUrl: endpoints.prefectApiUrl, authSecret: null },
    };
  }
}

/** The SDK sends requests to the host of the queue's URL, whatever its endpoint is. */
function throughEndpoint(queueUrl: string, endpointUrl: string): string {
  const url = new URL(queueUrl);
  url.host = new URL(endpointUrl).host;
  return url.href;
}

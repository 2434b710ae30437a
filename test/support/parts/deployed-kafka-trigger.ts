/**
 * The bundled function of a Kafka source with all that is around it: a topic, a table, a dead-letter queue, a flow,
 * and the event source mapping of the template that CDK makes of the configuration.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from '../../../infra/bundle.ts';
import type { RetryMode } from '../../../scripts/kafka/batch-response.ts';
import { plaintextConnection } from '../../../scripts/kafka/kafka-connection.ts';
import { startMappingProcess, type MappingProcess } from '../../../scripts/kafka/mapping-process.ts';
import { awsEndpointAt, awsEnvironment } from '../../../scripts/stack/aws-endpoint.ts';
import type { CompiledKafkaSource, CompiledRoute } from '../../../lib/compiled-config/compiled.ts';
import {
  DEAD_LETTER_QUEUE_URL_VARIABLE,
  SOURCE_VARIABLE,
  INSTALLATION_VARIABLE,
  TABLE_NAME_VARIABLE,
} from '../../../lib/compiled-config/environment.ts';
import { PARTIAL_FAILURES_ALIAS } from '../../../lib/compiled-config/partial-failures-alias.ts';
import { makeCompiledConfig, makeKafkaSource, makeRoute } from '../builders/compiled-config.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { PrefectApi } from './prefect-api.ts';
import { SqsTestQueue } from './sqs-test-queue.ts';
import { synthesizeStack } from './synthesized-stack.ts';
import { dynamoDbClientFor, TemporaryTables } from './temporary-table.ts';

export interface DeployedKafkaTriggerTerms {
  readonly bootstrapServer: string;
  readonly awsEndpointUrl: string;
  readonly prefectApiUrl: string;
  readonly partitions: number;
  readonly source?: Partial<CompiledKafkaSource>;
  readonly route?: Partial<CompiledRoute>;
  readonly maxEventBytes?: number;
}

/** Short enough for the leases of a function that was killed to be over soon. */
const FUNCTION_TIMEOUT_MS = 8_000;
const SESSION_TIMEOUT_MS = 2_000;

export class DeployedKafkaTrigger {
  readonly topics: KafkaTopics;
  readonly topic: string;
  readonly partitions: number;
  readonly prefect: PrefectApi;
  readonly deploymentId: string;
  readonly deadLetters: SqsTestQueue;
  readonly #terms: DeployedKafkaTriggerTerms;
  readonly #tables: TemporaryTables;
  readonly #taskRoot: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #mappingProperties: object;
  readonly #groupId: string;
  readonly #pollers = new Set<MappingProcess>();

  private constructor(parts: Parts) {
    const { terms, config } = parts;
    this.topics = parts.topics;
    this.topic = parts.topic;
    this.partitions = terms.partitions;
    this.prefect = parts.prefect;
    this.deploymentId = parts.deploymentId;
    this.deadLetters = parts.deadLetters;
    this.#terms = terms;
    this.#tables = parts.tables;
    this.#groupId = parts.groupId;
    this.#taskRoot = mkdtempSync(join(tmpdir(), 'sluice-task-root-'));
    writeBundle('kafka-trigger', config, this.#taskRoot);
    this.#mappingProperties = mappingOf(config);
    this.#environment = {
      ...(invokesAlias(this.#mappingProperties) && { INVOKED_ALIAS: PARTIAL_FAILURES_ALIAS }),
      ...awsEnvironment(awsEndpointAt(terms.awsEndpointUrl)),
      LAMBDA_TASK_ROOT: this.#taskRoot,
      AWS_LAMBDA_FUNCTION_NAME: 'kafka-trigger',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
      [SOURCE_VARIABLE]: SOURCE_NAME,
      [TABLE_NAME_VARIABLE]: parts.tableName,
      [INSTALLATION_VARIABLE]: parts.tableName,
      [DEAD_LETTER_QUEUE_URL_VARIABLE]: parts.deadLetters.queueUrl,
    };
  }

  static async create(terms: DeployedKafkaTriggerTerms): Promise<DeployedKafkaTrigger> {
    const topics = new KafkaTopics(plaintextConnection(terms.bootstrapServer));
    const topic = await topics.create({ partitions: terms.partitions });
    const flow = `kafka-${randomUUID()}`;
    const prefect = new PrefectApi(terms.prefectApiUrl);
    const tables = new TemporaryTables(dynamoDbClientFor(terms.awsEndpointUrl));
    const groupId = `sluice-${topic}`;
    return new DeployedKafkaTrigger({
      terms,
      topics,
      topic,
      prefect,
      groupId,
      tables,
      tableName: await tables.create(),
      deploymentId: await prefect.createDeployment({ flow, deployment: 'prod' }),
      deadLetters: await SqsTestQueue.create(terms.awsEndpointUrl),
      config: configOf(terms, { topic, groupId, flow }),
    });
  }

  async startPoller(retryMode: RetryMode = 'suffix'): Promise<MappingProcess> {
    const poller = await startMappingProcess({
      properties: this.#mappingProperties,
      connection: plaintextConnection(this.#terms.bootstrapServer),
      retryMode,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      invokes: {
        kind: 'handler',
        handlerFile: join(this.#taskRoot, 'handler.js'),
        environment: this.#environment,
        timeoutMs: FUNCTION_TIMEOUT_MS,
      },
    });
    this.#pollers.add(poller);
    return poller;
  }

  /** How many records of the topic the group has still to do. */
  lag(): Promise<bigint> {
    return this.topics.lagOf(this.#groupId, this.topic, this.partitions);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#pollers].map((poller) => poller.stop()));
    await Promise.all([this.topics.close(), this.#tables.deleteAll(), this.deadLetters.delete()]);
    rmSync(this.#taskRoot, { recursive: true });
  }
}

interface Parts {
  readonly terms: DeployedKafkaTriggerTerms;
  readonly topics: KafkaTopics;
  readonly topic: string;
  readonly prefect: PrefectApi;
  readonly groupId: string;
  readonly tables: TemporaryTables;
  readonly tableName: string;
  readonly deploymentId: string;
  readonly deadLetters: SqsTestQueue;
  readonly config: ReturnType<typeof configOf>;
}

const SOURCE_NAME = 'orders-topic';

function configOf(
  terms: DeployedKafkaTriggerTerms,
  { topic, groupId, flow }: { readonly topic: string; readonly groupId: string; readonly flow: string },
) {
  const source = makeKafkaSource({
    name: SOURCE_NAME,
    format: 'json',
    cluster: {
      kind: 'self-managed',
      bootstrapServers: [terms.bootstrapServer],
      auth: { scheme: 'none' },
      rootCaSecret: null,
      vpc: null,
    },
    topics: [topic],
    consumerGroupId: groupId,
    batchSize: 50,
    batchWindowSeconds: 0,
    provisioned: { minPollers: 1, maxPollers: 2 },
    ...terms.source,
  });
  const base = makeCompiledConfig([source]);
  const route = makeRoute({
    from: [SOURCE_NAME],
    dedupe: { key: 'event.data.id', retentionSeconds: 86_400 },
    coalesce: { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 400_000 },
    ...terms.route,
  });
  return {
    ...base,
    prefect: { ...base.prefect, apiUrl: terms.prefectApiUrl, authSecret: null },
    limits: { ...base.limits, maxEventBytes: terms.maxEventBytes ?? base.limits.maxEventBytes },
    routes: [{ ...route, run: { ...route.run, flow } }],
  };
}

/** Whether the mapping names an alias of the function instead of the function. */
function invokesAlias(properties: object): boolean {
  return 'FunctionName' in properties && JSON.stringify(properties.FunctionName).includes('PartialFailures');
}

/** What is deployed to AWS is what the stand-in reads. */
function mappingOf(config: ReturnType<typeof configOf>): object {
  const { template } = synthesizeStack({ config });
  const [mapping] = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));
  const properties: unknown = mapping?.['Properties'];
  if (typeof properties === 'object' && properties !== null) return properties;
  throw new Error('The template has no event source mapping.');
}

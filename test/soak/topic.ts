/** The topic of the soak, and the poller that reads it with the functions as they were deployed last. */
import { join } from 'node:path';
import { plaintextConnection } from '../../scripts/kafka/kafka-connection.ts';
import { startMappingProcess, type MappingProcess } from '../../scripts/kafka/mapping-process.ts';
import type { TopicOfFixture } from '../crash/fixture.ts';
import { LAMBDA_ENVIRONMENT, type DeployedFunction } from '../crash/function-process.ts';
import { KafkaTopics } from '../support/parts/kafka-topics.ts';
import { TIMEOUT_MS } from './poller.ts';

const PARTITIONS = 2;
const SESSION_TIMEOUT_MS = 3_000;

export class SoakTopic {
  readonly terms: TopicOfFixture;
  readonly #topics: KafkaTopics;
  #poller: MappingProcess | null = null;

  private constructor(topics: KafkaTopics, terms: TopicOfFixture) {
    this.#topics = topics;
    this.terms = terms;
  }

  static async create(bootstrapServer: string): Promise<SoakTopic> {
    const topics = new KafkaTopics(plaintextConnection(bootstrapServer));
    const topic = await topics.create({ partitions: PARTITIONS });
    return new SoakTopic(topics, { bootstrapServer, topic, groupId: `soak-${topic}` });
  }

  async send(key: string, value: string): Promise<void> {
    await this.#topics.send(this.terms.topic, [{ key: Buffer.from(key), value: Buffer.from(value) }]);
  }

  async startPoller({ bundleFolder, environment }: DeployedFunction): Promise<void> {
    const { bootstrapServer, topic, groupId } = this.terms;
    this.#poller = await startMappingProcess({
      // What infra/kafka-source.ts deploys for provisioned pollers, as far as the substitute reads it.
      properties: {
        Topics: [topic],
        BatchSize: 50,
        MaximumBatchingWindowInSeconds: 0,
        StartingPosition: 'TRIM_HORIZON',
        SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: [bootstrapServer] } },
        SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: groupId },
        ProvisionedPollerConfig: { MinimumPollers: 1 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
      connection: plaintextConnection(bootstrapServer),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      invokes: {
        kind: 'handler',
        handlerFile: join(bundleFolder, 'handler.js'),
        environment: { ...LAMBDA_ENVIRONMENT, ...environment, LAMBDA_TASK_ROOT: bundleFolder },
        timeoutMs: TIMEOUT_MS,
      },
    });
  }

  /** SIGKILL to the function, in whatever request it is. */
  killFunction(): void {
    this.#poller?.killFunction();
  }

  /** SIGKILL to the poller, which neither commits nor leaves its group; another one takes over. */
  async replacePoller(deployed: DeployedFunction): Promise<void> {
    await this.#poller?.kill();
    await this.startPoller(deployed);
  }

  /** Count the records that are not committed. */
  async lag(): Promise<number> {
    return Number(await this.#topics.lagOf(this.terms.groupId, this.terms.topic, PARTITIONS));
  }

  async stop(): Promise<void> {
    await this.#poller?.stop();
    await this.#topics.close();
  }
}

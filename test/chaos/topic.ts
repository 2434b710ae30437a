/** The topic of the check, and the substitute for the pollers of Lambda that read it on AWS. */
import { LambdaClient, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import { clientOptions, plaintextConnection } from '../../scripts/kafka/kafka-connection.ts';
import { startMappingProcess, type MappingProcess } from '../../scripts/kafka/mapping-process.ts';
import type { AwsEndpoint } from '../../scripts/stack/aws-endpoint.ts';
import { CONSUMER_GROUP, TOPIC } from './configuration.ts';
import type { KeepStop } from './services.ts';

const PARTITIONS = 2;
const SESSION_TIMEOUT_MS = 3_000;

export class ChaosTopic {
  readonly #bootstrapServer: string;
  readonly #producer: Producer;
  #startPoller: (() => Promise<MappingProcess>) | null = null;
  #poller: MappingProcess | null = null;

  private constructor(bootstrapServer: string) {
    this.#bootstrapServer = bootstrapServer;
    this.#producer = new Producer(clientOptions(plaintextConnection(bootstrapServer), 'chaos-workload'));
  }

  static async create(bootstrapServer: string, keepStop: KeepStop): Promise<ChaosTopic> {
    const topic = new ChaosTopic(bootstrapServer);
    keepStop(async () => {
      await topic.#poller?.stop();
      await topic.#producer.close();
    });
    const admin = new Admin(clientOptions(plaintextConnection(bootstrapServer), 'chaos-setup'));
    await admin.createTopics({ topics: [TOPIC], partitions: PARTITIONS, replicas: 1 });
    await admin.close();
    return topic;
  }

  /** Read the topic with the settings and the function of the deployed mapping. */
  async startPolling(aws: AwsEndpoint): Promise<void> {
    const properties = await deployedMapping(aws);
    this.#startPoller = () =>
      startMappingProcess({
        properties,
        connection: plaintextConnection(this.#bootstrapServer),
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        invokes: {
          kind: 'deployed-function',
          endpointUrl: aws.endpoint,
          functionName: properties.FunctionArn,
        },
      });
    this.#poller = await this.#startPoller();
  }

  /** SIGKILL to the poller, which neither commits nor leaves its group; another one takes over. */
  async replacePoller(): Promise<void> {
    await this.#poller?.kill();
    this.#poller = (await this.#startPoller?.()) ?? null;
  }

  async send(key: string, value: string): Promise<void> {
    await this.#producer.send({
      messages: [
        {
          topic: TOPIC,
          key: Buffer.from(key),
          value: Buffer.from(value),
          headers: new Map([[Buffer.from('content-type'), Buffer.from('application/cloudevents+json')]]),
        },
      ],
    });
  }
}

/** Count the records that the consumer group has still to process. */
export async function countUnread(bootstrapServer: string): Promise<number> {
  const options = clientOptions(plaintextConnection(bootstrapServer), 'chaos-lag');
  const consumer = new Consumer({ ...options, groupId: CONSUMER_GROUP });
  try {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const committed = await consumer.listCommittedOffsets({ topics: [{ topic: TOPIC, partitions }] });
    const ends = await consumer.listOffsets({ topics: [TOPIC], timestamp: -1n });
    const unread = partitions.map((partition) => {
      const next = committed.get(TOPIC)?.[partition] ?? -1n;
      return Number((ends.get(TOPIC)?.[partition] ?? 0n) - (next < 0n ? 0n : next));
    });
    return unread.reduce((sum, count) => sum + count, 0);
  } finally {
    await consumer.close(true);
  }
}

async function deployedMapping(aws: AwsEndpoint) {
  const client = new LambdaClient(aws);
  for await (const { EventSourceMappings: mappings = [] } of paginateListEventSourceMappings(
    { client },
    {},
  )) {
    const found = mappings.find(({ Topics: topics = [] }) => topics.includes(TOPIC));
    if (found?.FunctionArn !== undefined) return { ...found, FunctionArn: found.FunctionArn };
  }
  throw new Error(`No event source mapping of the topic ${TOPIC} is deployed.`);
}

/** The topic of the sample on a Kafka broker, and the substitute for the pollers of Lambda that read it on AWS. */
import {
  LambdaClient,
  paginateListEventSourceMappings,
  type EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import { Admin, Producer } from '@platformatic/kafka';
import { startEventSourceMapping, type EventSourceMapping } from '../kafka/event-source-mapping.ts';
import { createLambdaInvoker, type LambdaInvoker } from '../kafka/invoke.ts';
import { clientOptions, plaintextConnection, type KafkaConnection } from '../kafka/kafka-connection.ts';
import { topicPartitionOf } from '../kafka/kafka-record.ts';
import { mappingSettings } from '../kafka/mapping-settings.ts';
import type { AwsEndpoint } from '../stack/aws-endpoint.ts';
import { startKafkaBroker } from '../stack/kafka-broker.ts';
import type { ReportProgress } from './progress.ts';

const TOPIC = 'orders';
const PARTITIONS = 3;

export class SampleTopic {
  readonly bootstrapServer: string;
  readonly #connection: KafkaConnection;
  readonly #producer: Producer;
  #reading: { readonly mapping: EventSourceMapping; readonly invoker: LambdaInvoker } | null = null;

  private constructor(bootstrapServer: string) {
    this.bootstrapServer = bootstrapServer;
    this.#connection = plaintextConnection(bootstrapServer);
    this.#producer = new Producer(clientOptions(this.#connection, 'demo-shop'));
  }

  /** Return `null` if Kafka is not installed; the rest of the demo works without it. */
  static async start(
    report: ReportProgress,
    keepStop: (stop: () => Promise<void>) => void,
  ): Promise<SampleTopic | null> {
    const broker = await startKafkaBroker();
    if (broker.kind === 'absent') {
      report(`skipping Kafka: ${broker.reason}`);
      return null;
    }
    const { plaintext } = broker.listeners;
    const topic = new SampleTopic(plaintext);
    keepStop(async () => {
      await topic.#stop();
      await broker.stop();
    });
    await topic.#create();
    report(`Kafka is running with the topic ${TOPIC}: ${plaintext}`);
    return topic;
  }

  /** Start the substitute with the settings and the function of the deployed mapping. */
  async startReading(aws: AwsEndpoint): Promise<void> {
    const { FunctionArn: functionArn, ...properties } = await deployedMapping(aws);
    if (functionArn === undefined)
      throw new Error(`The event source mapping of the topic ${TOPIC} has no function.`);
    const invoker = createLambdaInvoker(aws, functionArn);
    const mapping = await startEventSourceMapping({
      settings: mappingSettings(properties),
      connection: this.#connection,
      invoke: invoker.invoke,
    });
    this.#reading = { mapping, invoker };
  }

  /** @returns the position of the record: `<topic>-<partition>@<offset>` */
  async send(key: string, value: string): Promise<string> {
    const { offsets } = await this.#producer.send({
      messages: [{ topic: TOPIC, key: Buffer.from(key), value: Buffer.from(value) }],
    });
    const [written] = offsets ?? [];
    if (written === undefined) throw new Error('Kafka returned no offset for a record.');
    return `${topicPartitionOf(written)}@${String(written.offset)}`;
  }

  async #create(): Promise<void> {
    const admin = new Admin(clientOptions(this.#connection, 'demo-setup'));
    await admin.createTopics({ topics: [TOPIC], partitions: PARTITIONS, replicas: 1 });
    await admin.close();
  }

  async #stop(): Promise<void> {
    await this.#reading?.mapping.stop();
    this.#reading?.invoker.close();
    await this.#producer.close();
  }
}

async function deployedMapping(aws: AwsEndpoint): Promise<EventSourceMappingConfiguration> {
  const client = new LambdaClient(aws);
  for await (const { EventSourceMappings: mappings = [] } of paginateListEventSourceMappings(
    { client },
    {},
  )) {
    const found = mappings.find(({ Topics: topics = [] }) => topics.includes(TOPIC));
    if (found !== undefined) return found;
  }
  throw new Error(`No event source mapping of the topic ${TOPIC} is deployed.`);
}

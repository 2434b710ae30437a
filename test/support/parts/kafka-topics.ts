/** Topics of their own for tests, and what is written to and read from them, on a real broker. */
import { Admin, Consumer, Producer, type MessageToProduce } from '@platformatic/kafka';
import { randomUUID } from 'node:crypto';
import { clientOptions, type KafkaConnection } from '../../../scripts/kafka/kafka-connection.ts';

/** A message without its topic. */
export type TestMessage = Omit<MessageToProduce, 'topic'>;

export interface TopicTerms {
  readonly partitions: number;
  readonly configs?: Readonly<Record<string, string>>;
}

export class KafkaTopics {
  readonly #connection: KafkaConnection;
  readonly #admin: Admin;
  readonly producer: Producer;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
    this.#admin = new Admin(clientOptions(connection, 'test-admin'));
    // Sending again, as it does when a topic is new, must not write twice.
    this.producer = new Producer({
      ...clientOptions(connection, 'test-producer'),
      acks: -1,
      idempotent: true,
    });
  }

  /** The name has dashes in it, as names may. */
  async create({ partitions, configs = {} }: TopicTerms): Promise<string> {
    const topic = `orders-eu-${randomUUID()}`;
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await this.#admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: configEntries });
    return topic;
  }

  async send(topic: string, messages: readonly TestMessage[], compression?: Compression): Promise<void> {
    await this.producer.send({
      messages: messages.map((message) => ({ ...message, topic })),
      ...(compression !== undefined && { compression }),
    });
  }

  /** In one transaction. */
  async sendInTransaction(
    topic: string,
    messages: readonly TestMessage[],
    end: 'commit' | 'abort',
  ): Promise<void> {
    const producer = new Producer({
      ...clientOptions(this.#connection, 'test-transactions'),
      transactionalId: randomUUID(),
      idempotent: true,
      acks: -1,
    });
    const transaction = await producer.beginTransaction();
    await transaction.send({ messages: messages.map((message) => ({ ...message, topic })) });
    await transaction[end]();
    await producer.close();
  }

  /** Deletes everything below that offset. */
  async deleteBefore(topic: string, partition: number, offset: bigint): Promise<void> {
    await this.#admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset }] }] });
  }

  /** What the group has not done yet, over all partitions. */
  async lagOf(groupId: string, topic: string, partitions: number): Promise<bigint> {
    const consumer = new Consumer({ ...clientOptions(this.#connection, 'test-lag'), groupId });
    try {
      const all = Array.from({ length: partitions }, (_, partition) => partition);
      const committed = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: all }] });
      const ends = await consumer.listOffsets({ topics: [topic], timestamp: -1n });
      return all.reduce((lag, partition) => {
        const done = committed.get(topic)?.[partition] ?? -1n;
        return lag + (ends.get(topic)?.[partition] ?? 0n) - (done < 0n ? 0n : done);
      }, 0n);
    } finally {
      await consumer.close(true);
    }
  }

  async close(): Promise<void> {
    await this.producer.close();
    await this.#admin.close();
  }
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

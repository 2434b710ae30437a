/** SQS queues for tests, on whatever stands in for AWS. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import type { QueueMessage } from '../../../lib/ports.ts';

/** The account of every emulator. */
export const TEST_AWS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
} as const;

export class SqsTestQueue {
  readonly client: SQSClient;
  readonly queueUrl: string;

  private constructor(client: SQSClient, queueUrl: string) {
    this.client = client;
    this.queueUrl = queueUrl;
  }

  /** A standard queue that takes messages of 1 MiB, as new queues of AWS do. */
  static async create(endpoint: string): Promise<SqsTestQueue> {
    const client = new SQSClient({ ...TEST_AWS, endpoint });
    const { QueueUrl: queueUrl } = await client.send(
      new CreateQueueCommand({
        QueueName: `sluice-test-${randomUUID()}`,
        Attributes: { MaximumMessageSize: '1048576' },
      }),
    );
    if (queueUrl === undefined) throw new Error('SQS gave no URL for the queue');
    return new SqsTestQueue(client, queueUrl);
  }

  /** Takes that many messages out of the queue, in any order. */
  async receive(count: number): Promise<readonly QueueMessage[]> {
    const received: QueueMessage[] = [];
    while (received.length < count) {
      const { Messages: messages = [] } = await this.client.send(
        new ReceiveMessageCommand({
          QueueUrl: this.queueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          WaitTimeSeconds: 1,
        }),
      );
      for (const {
        Body: body = '',
        MessageAttributes: attributes = {},
        ReceiptHandle: receiptHandle,
      } of messages) {
        const values = Object.entries(attributes).map(([name, { StringValue: value = '' }]) => [name, value]);
        received.push({ body, attributes: Object.fromEntries(values) as Record<string, string> });
        await this.client.send(
          new DeleteMessageCommand({ QueueUrl: this.queueUrl, ReceiptHandle: receiptHandle }),
        );
      }
    }
    return received;
  }

  /** Counts what is being looked at by somebody, too. */
  async isEmpty(): Promise<boolean> {
    const { Attributes: attributes = {} } = await this.client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(attributes).every((count) => count === '0');
  }

  async delete(): Promise<void> {
    await this.client.send(new DeleteQueueCommand({ QueueUrl: this.queueUrl }));
  }
}

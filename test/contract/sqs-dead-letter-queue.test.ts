import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { SqsDeadLetterQueue } from '../../lib/adapters/sqs/sqs-dead-letter-queue.ts';
import { SqsSender } from '../../lib/adapters/sqs/sqs-sender.ts';
import { defineDeadLetterQueueContract } from './dead-letter-queue.contract.ts';

const client = new SQSClient({
  endpoint: inject('awsEndpointUrl'),
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const queueUrls: string[] = [];

afterAll(async () => {
  for (const queueUrl of queueUrls) await client.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
});

defineDeadLetterQueueContract('SqsDeadLetterQueue on a standard queue', () =>
  makeQueue(`sluice-test-${randomUUID()}`, {}),
);
defineDeadLetterQueueContract('SqsDeadLetterQueue on a FIFO queue', () =>
  makeQueue(`sluice-test-${randomUUID()}.fifo`, { FifoQueue: 'true' }),
);

async function makeQueue(name: string, attributes: Record<string, string>) {
  const { QueueUrl: queueUrl } = await client.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: { MaximumMessageSize: '1048576', ...attributes },
    }),
  );
  if (queueUrl === undefined) throw new Error(`SQS gave no URL for queue ${name}`);
  queueUrls.push(queueUrl);
  return {
    queue: new SqsDeadLetterQueue(new SqsSender({ client, queueUrl })),
    receiveLetters: (count: number) => receiveLetters(queueUrl, count),
  };
}

async function receiveLetters(queueUrl: string, count: number): Promise<readonly string[]> {
  const letters: string[] = [];
  while (letters.length < count) {
    const { Messages: messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body: body = '', ReceiptHandle: receiptHandle } of messages) {
      letters.push(body);
      await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
    }
  }
  return letters;
}

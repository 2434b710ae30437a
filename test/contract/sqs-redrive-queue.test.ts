import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { SqsRedriveQueue } from '../../lib/adapters/sqs/sqs-redrive-queue.ts';
import { InMemoryRedriveQueue } from '../support/fakes/in-memory-redrive-queue.ts';
import { makeHiddenMessage } from '../support/builders/make-dead-letter.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';
import { defineRedriveQueueContract } from './redrive-queue.contract.ts';

defineRedriveQueueContract('SqsLetterQueue', async () => {
  const { client, queueUrl } = await SqsTestQueue.create(inject('awsEndpointUrl'));
  return {
    queue: new SqsRedriveQueue(client, queueUrl, 'jobs'),
    send: async (body, attributes = {}) => {
      const entries = Object.entries(attributes).map(
        ([name, value]) =>
          [
            name,
            typeof value === 'string'
              ? { DataType: 'String', StringValue: value }
              : { DataType: 'Binary', BinaryValue: value },
          ] as const,
      );
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: body,
          MessageAttributes: Object.fromEntries(entries),
        }),
      );
    },
  };
});

defineRedriveQueueContract('InMemoryLetterQueue', () => {
  const queue = new InMemoryRedriveQueue();
  const send = (
    body: string,
    attributes: Readonly<Record<string, string | Uint8Array>> = {},
  ): Promise<void> => {
    const headerList = Object.entries(attributes).map(([name, value]) => ({ name, value }));
    const named = headerList.flatMap(({ name, value }) =>
      typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
    );
    queue.send({ ...makeHiddenMessage(body, { attributes: new Map(named) }), headerList });
    return Promise.resolve();
  };
  return Promise.resolve({ queue, send });
});

import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, inject, it } from 'vitest';
import { queueUrlOf } from '../../lib/adapters/sqs/queue-url.ts';
import { SqsRedeliveryQueue } from '../../lib/adapters/sqs/sqs-redelivery-queue.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';

const clock = { nowEpochMs: () => Date.now() };

describe('SqsRedeliveryQueue', () => {
  it('reads what the queue allows, from the queue that its ARN names', async () => {
    const testQueue = await SqsTestQueue.create(inject('awsEndpointUrl'));
    const deadLetters = await SqsTestQueue.create(inject('awsEndpointUrl'));
    const { client, queueUrl } = testQueue;
    const arnOf = async (url: string): Promise<string> => {
      const { Attributes: attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
      );
      return attributes?.['QueueArn'] ?? '';
    };
    const queue = new SqsRedeliveryQueue({ client, queueUrl: queueUrlOf(await arnOf(queueUrl)), clock });
    const unlimited = await queue.readLimits(5_000);
    expect(unlimited.maxReceiveCount).toBeNull();

    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: await arnOf(deadLetters.queueUrl),
      maxReceiveCount: '7',
    });
    const attributes = { RedrivePolicy, VisibilityTimeout: '90', MessageRetentionPeriod: '1209600' };
    await client.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: attributes }));
    const fresh = new SqsRedeliveryQueue({ client, queueUrl, clock });
    expect(await fresh.readLimits(5_000)).toEqual({
      maxReceiveCount: 7,
      visibilityTimeoutMs: 90_000,
      retentionMs: 1_209_600_000,
    });
    await Promise.all([testQueue.delete(), deadLetters.delete()]);
  });

  it('brings more than ten messages back after their delay', async () => {
    const testQueue = await SqsTestQueue.create(inject('awsEndpointUrl'));
    const { client, queueUrl } = testQueue;
    const ids = Array.from({ length: 12 }, (_, index) => String(index));
    for (const chunk of [ids.slice(0, 10), ids.slice(10)]) {
      const entries = chunk.map((id) => ({ Id: id, MessageBody: id }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    }
    const received: { messageId: string; receiptHandle: string }[] = [];
    while (received.length < 12) {
      const { Messages: messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
      );
      for (const { MessageId: messageId = '', ReceiptHandle: receiptHandle = '' } of messages) {
        received.push({ messageId, receiptHandle });
      }
    }
    const queue = new SqsRedeliveryQueue({ client, queueUrl, clock });
    const delays = received.map((each) => ({ ...each, delaySeconds: 1 }));
    expect(await queue.delayMessages(delays, 5_000)).toEqual([]);
    expect(await testQueue.receive(12)).toHaveLength(12);
    await testQueue.delete();
  });

  it('names the messages whose delay could not be set', async () => {
    const testQueue = await SqsTestQueue.create(inject('awsEndpointUrl'));
    const { client, queueUrl } = testQueue;
    await testQueue.delete();
    const queue = new SqsRedeliveryQueue({ client, queueUrl, clock });
    const delays = [{ messageId: 'm', receiptHandle: 'unknown', delaySeconds: 1 }];
    expect(await queue.delayMessages(delays, 5_000)).toEqual(['m']);
  });
});

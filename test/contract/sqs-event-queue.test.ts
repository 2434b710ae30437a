import { inject } from 'vitest';
import { SqsEventQueue } from '../../lib/adapters/sqs/sqs-event-queue.ts';
import { SqsSender } from '../../lib/adapters/sqs/sqs-sender.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';
import { defineEventQueueContract } from './event-queue.contract.ts';

defineEventQueueContract('SqsEventQueue', async () => {
  const testQueue = await SqsTestQueue.create(inject('awsEndpointUrl'));
  const { client, queueUrl } = testQueue;
  return {
    queue: new SqsEventQueue(new SqsSender({ client, queueUrl })),
    receiveMessages: (count) => testQueue.receive(count),
    takeAway: () => testQueue.delete(),
  };
});

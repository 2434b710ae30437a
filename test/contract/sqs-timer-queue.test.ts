import { afterAll, inject } from 'vitest';
import { SqsSender } from '../../lib/adapters/sqs/sqs-sender.ts';
import { SqsTimerQueue } from '../../lib/adapters/sqs/sqs-timer-queue.ts';
import { systemClock } from '../../lib/adapters/system-clock.ts';
import { parseTimerMessage } from '../../lib/windows/timer-message.ts';
import { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';
import { defineTimerQueueContract } from './timer-queue.contract.ts';

const queues: SqsTestQueue[] = [];
afterAll(async () => {
  for (const queue of queues) await queue.delete();
});

defineTimerQueueContract('SqsTimerQueue', async () => {
  const queue = await SqsTestQueue.create(inject('awsEndpointUrl'));
  queues.push(queue);
  const { client, queueUrl } = queue;
  return {
    queue: new SqsTimerQueue({ sender: new SqsSender({ client, queueUrl }), clock: systemClock }),
    nowEpochMs: systemClock.nowEpochMs(),
    receiveTimers: async (count) =>
      (await queue.receive(count)).map(({ body }) => {
        const reading = parseTimerMessage(body);
        if (reading.kind === 'rejected') throw new Error(reading.detail);
        return reading.timer;
      }),
  };
});

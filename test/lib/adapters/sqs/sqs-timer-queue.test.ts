import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { SqsSender } from '../../../../lib/adapters/sqs/sqs-sender.ts';
import { SqsTimerQueue } from '../../../../lib/adapters/sqs/sqs-timer-queue.ts';
import { sampleTimer } from '../../../support/builders/sample-windows.ts';

const NOW_EPOCH_MS = 1_790_000_000_000;

const sqs = mockClient(SQSClient);
const queue = new SqsTimerQueue({
  sender: new SqsSender({
    client: new SQSClient({ region: 'us-east-1' }),
    queueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/timers',
    pauseBeforeRetry: () => Promise.resolve(),
  }),
  clock: { nowEpochMs: () => NOW_EPOCH_MS },
});

beforeEach(() => {
  sqs.reset();
});

describe('SqsTimerQueue', () => {
  it.each([
    ['is due now', 0, 0],
    ['was due an hour ago', -3_600_000, 0],
    ['is due in a millisecond', 1, 1],
    ['is due in ten seconds', 10_000, 10],
    ['is due in a little more', 10_001, 11],
    ['is due in 15 minutes', 900_000, 900],
    ['is due in a day, so that it is looked at early and set again', 86_400_000, 900],
  ])('delays a timer that %s', async (_what, dueInMs, delaySeconds) => {
    sqs
      .on(SendMessageBatchCommand)
      .resolves({ Successful: [{ Id: '0', MessageId: 'm', MD5OfMessageBody: '' }] });

    expect(await queue.sendTimers([sampleTimer(0, NOW_EPOCH_MS + dueInMs)])).toEqual([]);

    const [call] = sqs.commandCalls(SendMessageBatchCommand);
    expect(call?.args[0].input.Entries?.map(({ DelaySeconds }) => DelaySeconds)).toEqual([delaySeconds]);
  });

  it('answers with the timers that are not stored, and throws nothing', async () => {
    sqs.on(SendMessageBatchCommand).rejects(new Error('no queue'));

    expect(await queue.sendTimers([sampleTimer(0), sampleTimer(1)])).toEqual([0, 1]);
  });
});

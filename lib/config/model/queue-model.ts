/** How the queue of a source is read. */
import { durationFromZeroInSeconds } from './duration.ts';
import { wholeNumber } from './leaf.ts';
import { strictMap } from './object.ts';

export const queueModel = strictMap(
  {
    batchSize: wholeNumber({ minimum: 1, maximum: 10_000 })
      .optional()
      .describe(
        'Most messages in one invocation. Default: 100, or 10 for a FIFO queue or a batch window of 0s. FIFO: at most 10.',
      ),
    batchWindow: durationFromZeroInSeconds({ maximum: '5m', examples: ['1s'] })
      .optional()
      .describe(
        'How long Lambda gathers messages before it invokes the function. Default: 1s, or 0s for a FIFO queue, which has no window. More than 10 messages need at least 1s.',
      ),
    maxConcurrency: wholeNumber({ minimum: 2, maximum: 1000 })
      .prefault(10)
      .describe('Most invocations at the same time: what protects Prefect from a burst.'),
    maxReceiveCount: wholeNumber({ minimum: 5, maximum: 1000 })
      .prefault(200)
      .describe(
        'Deliveries before SQS itself moves a message to the dead-letter queue. High, since a message waits in the queue while Prefect is unavailable; broken events are dead-lettered at once anyway. For an SQS source it is what the redrive policy of your queue should say.',
      ),
  },
  'How the queue is read: the one named by `queueArn`, or the one that Sluice makes for the source.',
).prefault({});

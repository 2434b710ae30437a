/** What sources of every type have. */
import { z } from 'zod';
import { describeFound } from '../found-value.ts';
import { sizeInMiB } from './byte-size.ts';
import { durationInSeconds } from './duration.ts';
import { Refusal, textLeaf } from './leaf.ts';
import { strictMap } from './object.ts';

export const eventType = textLeaf(
  (text) =>
    /^[\x21-\x7E]{1,255}$/.test(text)
      ? text
      : new Refusal(
          'invalid-event-type',
          describeFound(text),
          'write 1 to 255 printable ASCII characters without spaces, for example com.example.order.paid',
        ),
  { title: 'CloudEvents type', maxLength: 255, examples: ['com.example.order.paid'] },
);

/** For sources whose events have an order: message groups of a FIFO queue, partitions of a topic. */
export const order = z
  .enum(['relaxed', 'strict'])
  .optional()
  .describe(
    'What happens to later events of a message group (FIFO queue) or partition (Kafka) when an earlier one fails for the moment. `strict`: they are returned for redelivery with it, so that their flow runs are created in order. `relaxed`: they go on, and their flow runs may be created before that of the failed event. A dead-lettered event holds nothing back. Default: `relaxed`.',
  );

export const functionModel = strictMap(
  {
    memory: sizeInMiB({ minimum: '128MiB', maximum: '10240MiB' })
      .prefault('512MiB')
      .describe('Memory of the function; CPU grows with it.'),
    timeout: durationInSeconds({ minimum: '5s', maximum: '15m', examples: ['60s'] })
      .prefault('60s')
      .describe(
        'How long one invocation may run. The visibility timeout of the queue has to be six times as long; Sluice sets it for HTTP sources. Kafka: at most 14m.',
      ),
  },
  'The Lambda function that runs the pipeline for this source.',
).prefault({});

export const unwrap = z
  .array(z.enum(['sns', 'eventbridge', 's3']))
  .prefault([])
  .describe(
    'Envelopes of AWS services to take off, in whatever order they are on: the message in an SNS notification, the detail of an EventBridge event, each record of an S3 notification becomes an event of its own. A body in none of them is read as it is.',
  );

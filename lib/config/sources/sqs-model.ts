/** Sources of type sqs. */
import { z } from 'zod';
import { deploymentFields } from '../deployment/fields.ts';
import { queueKmsKey } from '../deployment/kms-key.ts';
import { filterCriteriaModel } from '../filter-criteria.ts';
import { describeValue } from '../issues/describe-value.ts';
import { order } from '../order.ts';
import { queueModel } from '../queue.ts';
import { queueRetention } from '../retention/fields.ts';
import { InvalidValue, textScalar } from '../scalars/scalar.ts';
import { strictMap } from '../scalars/strict-map.ts';
import { eventTypeOf, functionModel, unwrap } from '../source-fields.ts';
import { format } from './event-fields.ts';

const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:(?:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/;

const queueArn = textScalar(
  (text) =>
    QUEUE_ARN.test(text)
      ? text
      : new InvalidValue(
          'invalid-queue-arn',
          describeValue(text),
          'write the ARN of the queue, for example arn:aws:sqs:eu-central-1:123456789012:jobs',
        ),
  {
    title: 'ARN of an SQS queue',
    pattern: '^arn:aws[a-z-]*:sqs:',
    examples: ['arn:aws:sqs:eu-central-1:123456789012:jobs'],
  },
);

export const sqsSourceModel = strictMap(
  {
    type: z.literal('sqs').describe('An SQS queue of your own.'),
    queueArn: queueArn.describe('The queue, standard or FIFO (`….fifo`), in the region of the stack.'),
    kmsKey: queueKmsKey,
    retention: queueRetention,
    order,
    format,
    unwrap,
    eventType: eventTypeOf('sluice.sqs.received'),
    function: functionModel,
    queue: queueModel,
    filterCriteria: filterCriteriaModel('sqs', { body: { type: ['order.paid'] } }),
    ...deploymentFields,
  },
  'Events are the messages of an SQS queue.',
);

export type SqsSourceConfiguration = z.output<typeof sqsSourceModel>;

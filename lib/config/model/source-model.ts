/** Where events come from: HTTP endpoints, SQS queues, event buses and Kafka topics. */
import { z } from 'zod';
import { describeFound } from '../found-value.ts';
import { sizeInBytes } from './byte-size.ts';
import { durationInSeconds } from './duration.ts';
import { eventBridgeSourceModel } from './eventbridge-source-model.ts';
import { kafkaSourceModel } from './kafka-source-model.ts';
import { Refusal, textLeaf, wholeNumber } from './leaf.ts';
import { strictMap } from './object.ts';
import { queueModel } from './queue-model.ts';
import { respondModel } from './respond-model.ts';
import { eventType, functionModel, order, unwrap } from './source-fields.ts';
import { verifyModel, webhookOriginsModel } from './verify-model.ts';

const format = z
  .enum(['auto', 'json', 'cloudevents', 'text', 'binary'])
  .prefault('auto')
  .describe(
    'How a body is decoded. `auto` goes by the content type and recognises CloudEvents; the others decide beforehand.',
  );

const common = {
  format,
  unwrap,
  eventType: eventType
    .optional()
    .describe(
      'The CloudEvents `type` of events that do not bring one. Default: `sluice.http.received` or `sluice.sqs.received`.',
    ),
  function: functionModel,
  queue: queueModel,
};

export const httpPath = textLeaf(
  (text) =>
    /^(?:\/[A-Za-z0-9._~-]+)+$/.test(text) && text.length <= 512
      ? text
      : new Refusal(
          'invalid-http-path',
          describeFound(text),
          'write a path such as /orders: segments of letters, digits and . _ ~ -, no slash at the end',
        ),
  { title: 'Path', pattern: '^(/[A-Za-z0-9._~-]+)+$', maxLength: 512, examples: ['/orders'] },
);

const httpSourceModel = strictMap(
  {
    type: z.literal('http').describe('An HTTPS endpoint.'),
    path: httpPath.describe('The path of the endpoint; POST only.'),
    verify: verifyModel,
    webhookOrigins: webhookOriginsModel,
    maxBodyBytes: sizeInBytes({ minimum: '1KiB', maximum: '4MiB' })
      .prefault('1MiB')
      .describe('Larger requests are answered 413.'),
    maxEventsPerRequest: wholeNumber({ minimum: 1, maximum: 1000 })
      .prefault(100)
      .describe('Most events in one request (a CloudEvents batch or a JSON array); more are answered 413.'),
    respond: respondModel,
    ...common,
  },
  'Events are POSTed to an HTTPS endpoint and answered 202 once they are stored in a queue, or with their flow runs.',
);

const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:(?:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/;

export const queueArn = textLeaf(
  (text) =>
    QUEUE_ARN.test(text)
      ? text
      : new Refusal(
          'invalid-queue-arn',
          describeFound(text),
          'write the ARN of the queue, for example arn:aws:sqs:eu-central-1:123456789012:jobs',
        ),
  {
    title: 'ARN of an SQS queue',
    pattern: '^arn:aws[a-z-]*:sqs:',
    examples: ['arn:aws:sqs:eu-central-1:123456789012:jobs'],
  },
);

export const queueRetention = durationInSeconds({
  minimum: '1m',
  maximum: '14d',
  examples: ['4d'],
}).describe(
  'How long the queue keeps a message (`MessageRetentionPeriod`), which Sluice cannot see. It changes nothing but the warning about a `dedupe.retention` that is shorter. Default: 14d, the most that SQS knows.',
);

const sqsSourceModel = strictMap(
  {
    type: z.literal('sqs').describe('An SQS queue of your own.'),
    queueArn: queueArn.describe('The queue, standard or FIFO (`….fifo`), in the region of the stack.'),
    retention: queueRetention.optional(),
    order,
    ...common,
  },
  'Events are the messages of an SQS queue.',
);

export const sourceModel = z.discriminatedUnion('type', [
  httpSourceModel,
  sqsSourceModel,
  eventBridgeSourceModel,
  kafkaSourceModel,
]);

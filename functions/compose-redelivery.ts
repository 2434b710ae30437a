/** Composes the redelivery of SQS messages, once per execution environment. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { SQSClient } from '@aws-sdk/client-sqs';
import { awsClientSettings } from '../lib/adapters/aws/aws-client-settings.ts';
import { queueUrlOf } from '../lib/adapters/sqs/queue-url.ts';
import { SqsRedeliveryQueue } from '../lib/adapters/sqs/sqs-redelivery-queue.ts';
import { systemClock } from '../lib/adapters/system-clock.ts';
import { Redelivery } from './redelivery.ts';

export function composeRedelivery(logger: Logger): Redelivery {
  const client = new SQSClient({ ...awsClientSettings(), useQueueUrlAsEndpoint: false });
  return new Redelivery({
    queueOf: (queueArn) =>
      new SqsRedeliveryQueue({ client, queueUrl: queueUrlOf(queueArn), clock: systemClock }),
    clock: systemClock,
    random: Math.random,
    logger,
  });
}

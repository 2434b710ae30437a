/**
 * The subscriber that puts the matching events of a custom bus (`AWS::EventsV2`) into a source's queue, and the role that
 * it does so with. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-subscribers.html
 */
import { Names } from 'aws-cdk-lib';
import { CfnSubscriber } from 'aws-cdk-lib/aws-eventsv2';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** The most that EventBridge does; its default is five attempts within five minutes. */
const RETRY_POLICY = { maxEventAgeInSeconds: 86_400, maxRetryAttempts: 185, retryStrategy: 'ALL' };

const MAX_NAME_CHARACTERS = 64;

type Pattern = Readonly<Record<string, unknown>>;

export interface EventBusSubscriberProps {
  readonly description: string;
  readonly busArn: string;
  /** Of the payload. */
  readonly pattern: Pattern;
  /** Of the metadata that producers set; null for any. */
  readonly metadata: Pattern | null;
  readonly queue: Queue;
  /** For records of events that EventBridge cannot put into the queue. */
  readonly deadLetterQueue: Queue;
}

export class EventBusSubscriber extends Construct {
  constructor(scope: Construct, id: string, props: EventBusSubscriberProps) {
    super(scope, id);
    const { description, busArn, pattern, metadata, queue, deadLetterQueue } = props;
    const role = new Role(this, 'Role', {
      // As AWS documents it. Whether EventBridge names a source account here is not documented, and without one a
      // condition on it would stop every event.
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
      description,
    });
    const grant = Grant.addToPrincipal({
      grantee: role,
      actions: ['sqs:SendMessage'],
      resourceArns: [queue.queueArn, deadLetterQueue.queueArn],
    });
    const subscriber = new CfnSubscriber(this, 'Subscriber', {
      name: Names.uniqueResourceName(this, { maxLength: MAX_NAME_CHARACTERS, separator: '-' }),
      description,
      eventBusArn: busArn,
      filterConfiguration: {
        filters: [
          { scope: 'DATA', pattern: JSON.stringify(pattern) },
          ...(metadata === null ? [] : [{ scope: 'METADATA', pattern: JSON.stringify(metadata) }]),
        ],
      },
      invokeConfiguration: { targetArn: queue.queueArn, roleArn: role.roleArn },
      onFailureConfiguration: { arn: deadLetterQueue.queueArn },
      retryPolicy: RETRY_POLICY,
      startingPosition: 'LATEST',
      // With the id of the event, by which one that is delivered twice is recognized.
      transformer: { type: 'WITH_METADATA' },
      type: 'UNORDERED',
    });
    // Whether the role may send is checked with the first event.
    grant.applyBefore(subscriber);
  }
}

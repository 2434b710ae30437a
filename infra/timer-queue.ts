/** The queue of window timers: messages that become visible when their window is due. */
import { Duration, Validations, type RemovalPolicy } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { TIMER_QUEUE_URL_VARIABLE } from '../lib/compiled-config/environment.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/**
 * A timer holds no event, and the sweep flushes a window whose timer was lost within minutes. So a timer that cannot be
 * handled is dropped after a day instead of being moved to a dead-letter queue, where nothing could be done about it.
 */
const RETENTION = Duration.days(1);

export interface TimerQueueProps {
  readonly visibilityTimeout: Duration;
  readonly removalPolicy: RemovalPolicy;
}

export class TimerQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: TimerQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      visibilityTimeout: props.visibilityTimeout,
      removalPolicy: props.removalPolicy,
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'A timer holds no event; the sweep flushes a window whose timer was lost.',
    });
  }

  bindSend(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['sqs:SendMessage'],
      resourceArns: [this.queue.queueArn],
    });
    fn.function.addEnvironment(TIMER_QUEUE_URL_VARIABLE, this.queue.queueUrl);
  }
}

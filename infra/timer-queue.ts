/** Where the timers of windows wait: messages that become visible when their window is due. */
import { Validations, type Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { TIMER_QUEUE_URL_VARIABLE } from '../lib/compiled-config/environment.ts';
import { QUEUE_RETENTION } from './dead-letter-queue.ts';
import type { PipelineFunction } from './pipeline-function.ts';

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
      retentionPeriod: QUEUE_RETENTION,
      visibilityTimeout: props.visibilityTimeout,
      removalPolicy: props.removalPolicy,
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason:
        'A timer holds no event and comes again until its window is flushed; the sweep replaces a lost one.',
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

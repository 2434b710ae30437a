/** Where a source's events end that cannot become part of a flow run, each in an envelope that says why. */
import { Duration, Validations, type RemovalPolicy } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DEAD_LETTER_QUEUE_URL_VARIABLE } from '../lib/compiled-config/environment.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/** The longest that SQS keeps a message. */
export const QUEUE_RETENTION = Duration.days(14);

export interface DeadLetterQueueProps {
  readonly removalPolicy: RemovalPolicy;
}

export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: QUEUE_RETENTION,
      removalPolicy: props.removalPolicy,
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'This is the dead-letter queue: nothing consumes it, and the functions send to it themselves.',
    });
  }

  bindSend(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['sqs:SendMessage'],
      resourceArns: [this.queue.queueArn],
    });
    fn.function.addEnvironment(DEAD_LETTER_QUEUE_URL_VARIABLE, this.queue.queueUrl);
  }
}

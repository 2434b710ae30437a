/** Sluice's own queue between an endpoint, or a rule of an event bus, and the pipeline: an event in it has been accepted. */
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CompiledQueuedSource, CompiledSqsSource } from '../lib/compiled-config/compiled.ts';
import { QUEUE_URL_VARIABLE } from '../lib/compiled-config/environment.ts';
import { QUEUE_RETENTION, type DeadLetterQueue } from './dead-letter-queue.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/** With a batch window and little traffic Lambda may hold messages this long before it invokes the function. */
const POLLER_SLOP_SECONDS = 20;

/**
 * Six times the function's time-out leaves Lambda room to retry an invocation that was throttled; the batch window
 * comes on top: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export function visibilityTimeout(source: CompiledQueuedSource): Duration {
  return Duration.seconds(
    6 * source.function.timeoutSeconds + source.queue.batchWindowSeconds + POLLER_SLOP_SECONDS,
  );
}

export interface TriggerQueueProps {
  readonly source: Exclude<CompiledQueuedSource, CompiledSqsSource>;
  readonly deadLetters: DeadLetterQueue;
  readonly removalPolicy: RemovalPolicy;
}

export class TriggerQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: TriggerQueueProps) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: QUEUE_RETENTION,
      visibilityTimeout: visibilityTimeout(props.source),
      deadLetterQueue: {
        queue: props.deadLetters.queue,
        maxReceiveCount: props.source.queue.maxReceiveCount,
      },
      removalPolicy: props.removalPolicy,
    });
  }

  bindSend(fn: PipelineFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['sqs:SendMessage'],
      resourceArns: [this.queue.queueArn],
    });
    fn.function.addEnvironment(QUEUE_URL_VARIABLE, this.queue.queueUrl);
  }
}

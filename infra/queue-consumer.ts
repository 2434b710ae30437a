/** The function that makes flow runs of a queue's messages, the same for Sluice's own queues and the user's. */
import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CompiledHttpSource, CompiledSqsSource } from '../lib/config/compiled.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { SourceContext } from './source.ts';

export interface QueueConsumerProps {
  readonly source: CompiledHttpSource | CompiledSqsSource;
  readonly queue: IQueue;
  readonly deadLetters: DeadLetterQueue;
  readonly context: SourceContext;
}

export class QueueConsumer extends Construct {
  readonly trigger: PipelineFunction;

  constructor(scope: Construct, id: string, props: QueueConsumerProps) {
    super(scope, id);
    const { source, queue, deadLetters, context } = props;
    this.trigger = new PipelineFunction(this, 'Trigger', {
      code: context.code['sqs-trigger'],
      source: source.name,
      description: `Sluice: makes flow runs of the events of source ${source.name}`,
      memoryMiB: source.function.memoryMiB,
      timeout: Duration.seconds(source.function.timeoutSeconds),
      logRetention: context.logRetention,
      removalPolicy: context.removalPolicy,
      ...(context.network && { network: context.network }),
    });
    context.table.bindClaims(this.trigger);
    deadLetters.bindSend(this.trigger);
    const { authSecret } = context.config.prefect;
    if (authSecret !== null) this.trigger.bindSecretRead(authSecret);
    this.trigger.function.addEventSource(
      new SqsEventSource(queue, {
        batchSize: source.queue.batchSize,
        // A FIFO queue takes no batch window, not even one of zero.
        ...(!queue.fifo && { maxBatchingWindow: Duration.seconds(source.queue.batchWindowSeconds) }),
        maxConcurrency: source.queue.maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );
  }
}

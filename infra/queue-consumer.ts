/** The function that makes flow runs of a queue's messages, the same for Sluice's own queues and the user's. */
import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CompiledQueuedSource } from '../lib/compiled-config/compiled.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { SourceContext } from './source.ts';
import { TriggerFunction } from './trigger-function.ts';

export interface QueueConsumerProps {
  readonly source: CompiledQueuedSource;
  readonly queue: IQueue;
  readonly deadLetters: DeadLetterQueue;
  readonly context: SourceContext;
}

export class QueueConsumer extends Construct {
  readonly trigger: PipelineFunction;

  constructor(scope: Construct, id: string, props: QueueConsumerProps) {
    super(scope, id);
    const { source, queue, deadLetters, context } = props;
    this.trigger = new TriggerFunction(this, 'Trigger', {
      handler: 'sqs-trigger',
      source,
      deadLetters,
      context,
    });
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

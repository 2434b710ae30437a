/** The function that makes flow runs of a queue's messages: one of Sluice's own queues, or one of the user's. */
import { Duration } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CompiledQueuedSource } from '../lib/compiled-config/compiled.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import { QueueMapping } from './queue-mapping.ts';
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
    new QueueMapping(this, 'Queue', {
      queue,
      target: this.trigger,
      batchSize: source.queue.batchSize,
      ...(!queue.fifo && { batchWindow: Duration.seconds(source.queue.batchWindowSeconds) }),
      maxConcurrency: source.queue.maxConcurrency,
      ...(source.type === 'sqs' && source.kmsKeyArn !== undefined && { kmsKeyArn: source.kmsKeyArn }),
      ...(source.type === 'sqs' &&
        source.filterCriteria !== undefined && { filterCriteria: source.filterCriteria }),
    });
  }
}

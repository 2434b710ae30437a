/** An SQS source: the user's own queue → function. The queue exists already and stays the user's. */
import type { Duration } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CompiledSqsSource } from '../lib/compiled-config/compiled.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { expectEventsEvery, type Backlog, type DeployedSource, type SourceContext } from './source.ts';
import { visibilityTimeout } from './trigger-queue.ts';

export interface SqsSourceProps {
  readonly source: CompiledSqsSource;
  readonly context: SourceContext;
}

export class SqsSource extends Construct implements DeployedSource {
  readonly sourceName: string;
  readonly backlog: Backlog;
  readonly deadLetters: DeadLetterQueue;
  readonly trigger: PipelineFunction;
  readonly expectEventsEvery: Duration | undefined;

  constructor(scope: Construct, id: string, props: SqsSourceProps) {
    super(scope, id);
    const { source, context } = props;
    this.sourceName = source.name;
    this.expectEventsEvery = expectEventsEvery(source);
    const queue = Queue.fromQueueArn(this, 'Queue', source.queueArn);
    // What the user's queue should be set to; how it is set cannot be seen at synth.
    this.backlog = { kind: 'queue', queue, redeliveryDelay: visibilityTimeout(source) };
    // Dead letters can be read in any order, so this is never a FIFO queue.
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { removalPolicy: context.removalPolicy });
    const consumer = new QueueConsumer(this, 'Consumer', {
      source,
      queue,
      deadLetters: this.deadLetters,
      context,
    });
    this.trigger = consumer.trigger;
  }
}

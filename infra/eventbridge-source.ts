/** An EventBridge source: bus → rule or subscriber → queue → function. The bus exists already and stays the user's. */
import type { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CompiledEventBridgeSource } from '../lib/compiled-config/compiled.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { EventBusRule } from './event-bus-rule.ts';
import { EventBusSubscriber } from './event-bus-subscriber.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { expectEventsEvery, type Backlog, type DeployedSource, type SourceContext } from './source.ts';
import { TriggerQueue, visibilityTimeout } from './trigger-queue.ts';

export interface EventBridgeSourceProps {
  readonly source: CompiledEventBridgeSource;
  readonly context: SourceContext;
}

export class EventBridgeSource extends Construct implements DeployedSource {
  readonly sourceName: string;
  readonly backlog: Backlog;
  readonly deadLetters: DeadLetterQueue;
  readonly trigger: PipelineFunction;
  readonly expectEventsEvery: Duration | undefined;

  constructor(scope: Construct, id: string, props: EventBridgeSourceProps) {
    super(scope, id);
    const { source, context } = props;
    const { removalPolicy } = context;
    this.sourceName = source.name;
    this.expectEventsEvery = expectEventsEvery(source);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { removalPolicy });
    const { queue } = new TriggerQueue(this, 'Queue', {
      source,
      deadLetters: this.deadLetters,
      removalPolicy,
    });
    this.backlog = { kind: 'queue', queue, redeliveryDelay: visibilityTimeout(source) };
    if (source.retired !== true) {
      const events = {
        description: `Sluice: events of source ${source.name}`,
        pattern: source.pattern,
        queue,
        deadLetterQueue: this.deadLetters.queue,
      };
      if (source.customBus === undefined) {
        new EventBusRule(this, 'Events', { ...events, busName: source.busName });
      } else {
        const { arn, metadata } = source.customBus;
        new EventBusSubscriber(this, 'Events', { ...events, busArn: arn, metadata });
      }
    }
    const consumer = new QueueConsumer(this, 'Consumer', {
      source,
      queue,
      deadLetters: this.deadLetters,
      context,
    });
    this.trigger = consumer.trigger;
  }
}

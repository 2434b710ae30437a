/** An HTTP source: endpoint → function → queue → function. A retired one is drained: it has no endpoint any more. */
import type { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CompiledHttpSource } from '../lib/compiled-config/compiled.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { HttpIngest } from './http-ingest.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { expectEventsEvery, type Backlog, type DeployedSource, type SourceContext } from './source.ts';
import { TriggerQueue, visibilityTimeout } from './trigger-queue.ts';

export interface HttpSourceProps {
  readonly source: CompiledHttpSource;
  /** Absent for a retired source. */
  readonly endpoint: HttpEndpoint | undefined;
  readonly context: SourceContext;
}

export class HttpSource extends Construct implements DeployedSource {
  readonly sourceName: string;
  readonly backlog: Backlog;
  readonly deadLetters: DeadLetterQueue;
  readonly trigger: PipelineFunction;
  readonly expectEventsEvery: Duration | undefined;
  readonly ingest: PipelineFunction | undefined;
  readonly endpointUrl: string | undefined;

  constructor(scope: Construct, id: string, { source, endpoint, context }: HttpSourceProps) {
    super(scope, id);
    const { removalPolicy } = context;
    this.sourceName = source.name;
    this.expectEventsEvery = expectEventsEvery(source);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', { removalPolicy });
    const queue = new TriggerQueue(this, 'Queue', { source, deadLetters: this.deadLetters, removalPolicy });
    this.backlog = { kind: 'queue', queue: queue.queue, redeliveryDelay: visibilityTimeout(source) };
    const consumer = new QueueConsumer(this, 'Consumer', {
      source,
      queue: queue.queue,
      deadLetters: this.deadLetters,
      context,
    });
    this.trigger = consumer.trigger;
    if (endpoint !== undefined) {
      const ingest = new HttpIngest(this, 'Ingest', {
        source,
        endpoint,
        queue,
        trigger: this.trigger,
        context,
      });
      this.ingest = ingest;
      this.endpointUrl = ingest.endpointUrl;
    }
  }
}

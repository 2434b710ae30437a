/** Makes the construct of a source, by its type. */
import type { Construct } from 'constructs';
import type { CompiledSource } from '../lib/compiled-config/compiled.ts';
import { EventBridgeSource } from './eventbridge-source.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { HttpSource } from './http-source.ts';
import { KafkaSource } from './kafka-source.ts';
import type { DeployedSource, SourceContext } from './source.ts';
import { SqsSource } from './sqs-source.ts';

/** @param endpoint absent where no HTTP source is served */
export function createSource(
  scope: Construct,
  source: CompiledSource,
  endpoint: HttpEndpoint | undefined,
  context: SourceContext,
): DeployedSource {
  switch (source.type) {
    case 'http':
      return new HttpSource(scope, source.name, {
        source,
        endpoint: isServed(source) ? endpoint : undefined,
        context,
      });
    case 'sqs':
      return new SqsSource(scope, source.name, { source, context });
    case 'eventbridge':
      return new EventBridgeSource(scope, source.name, { source, context });
    case 'kafka':
      return new KafkaSource(scope, source.name, { source, context });
  }
}

/** Whether the source has a path of the endpoint. */
export function isServed(source: CompiledSource): boolean {
  return source.type === 'http' && source.retired !== true;
}

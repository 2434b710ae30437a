/** Compile EventBridge sources. */
import type { CompiledEventBridgeSource } from '../../compiled-config/compiled.ts';
import { compileDeployment } from '../deployment/compile.ts';
import { compileQueue } from '../queue.ts';
import { compileFunction } from '../source-fields.ts';
import { isCustomBus, type EventBridgeSourceConfiguration } from './model.ts';

/** Only events of the bus get into the queue, each in the envelope of its kind of bus. */
export function compileEventBridgeSource(
  name: string,
  source: EventBridgeSourceConfiguration,
): CompiledEventBridgeSource {
  const { bus } = source;
  return {
    name,
    type: 'eventbridge',
    ...compileDeployment(source),
    format: 'auto',
    eventType: 'sluice.eventbridge.received',
    unwrap: [isCustomBus(bus) ? 'event-bus' : 'eventbridge'],
    busName: bus.replace(/^arn:.*:event-bus(?:v2)?\//, '').replace(isCustomBus(bus) ? /\/[^/]*$/ : '', ''),
    ...(isCustomBus(bus) && { customBus: { arn: bus, metadata: source.metadata ?? null } }),
    pattern: source.pattern,
    function: compileFunction(source.function),
    queue: compileQueue(source.queue, null),
  };
}

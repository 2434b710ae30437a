/** Compile EventBridge sources. */
import type { CompiledEventBridgeSource } from '../../compiled-config/compiled.ts';
import { compileDeployment } from '../deployment/compile.ts';
import { compileQueue } from '../queue.ts';
import { compileFunction } from '../source-fields.ts';
import type { EventBridgeSourceConfiguration } from './model.ts';

/** A rule puts only EventBridge events into the queue, which have a type and are JSON. */
export function compileEventBridgeSource(
  name: string,
  source: EventBridgeSourceConfiguration,
): CompiledEventBridgeSource {
  return {
    name,
    type: 'eventbridge',
    ...compileDeployment(source),
    format: 'auto',
    eventType: 'sluice.eventbridge.received',
    unwrap: ['eventbridge'],
    busName: source.bus.replace(/^arn:.*:event-bus\//, ''),
    pattern: source.pattern,
    function: compileFunction(source.function),
    queue: compileQueue(source.queue, null),
  };
}

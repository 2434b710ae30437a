/** Composes the parts that flush windows, once per execution environment. */
import { DynamoDbWindowFlushStore } from '../lib/adapters/dynamodb/dynamodb-window-flush-store.ts';
import { DynamoDbWindowReader } from '../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import type { CompiledConfig } from '../lib/compiled-config/compiled.ts';
import type { FlowRunEnvironment } from '../lib/compiled-config/environment.ts';
import type { FlushingPorts } from '../lib/executor/flush-windows.ts';
import type { Telemetry } from './compose-telemetry.ts';
import { composePorts, type ComposedPorts } from './compose-ports.ts';

export interface FlushingComposition extends ComposedPorts {
  readonly ports: ComposedPorts['ports'] & FlushingPorts;
}

export function composeFlushing(
  config: CompiledConfig,
  environment: FlowRunEnvironment,
  telemetry: Telemetry,
  name: string,
  options: { readonly isBackground?: boolean } = {},
): FlushingComposition {
  const { ports, ...composed } = composePorts(config, environment, telemetry, name, options);
  const store = new DynamoDbWindowFlushStore(composed.table);
  const windowReader = new DynamoDbWindowReader(composed.table);
  return {
    ...composed,
    ports: { ...ports, windowReader, windowFlushes: store, windowRedirector: store, windowCloser: store },
  };
}

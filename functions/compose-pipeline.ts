/** Composes the pipeline of one source, once per execution environment. */
import { DynamoDbRouteMemory } from '../lib/adapters/dynamodb/dynamodb-route-memory.ts';
import type { CompiledConfig, CompiledSource } from '../lib/compiled-config/compiled.ts';
import {
  EnvironmentError,
  SOURCE_VARIABLE,
  type TriggerEnvironment,
} from '../lib/compiled-config/environment.ts';
import type { RequestBudget } from '../lib/budget/request-budget.ts';
import type { Pipeline } from '../lib/pipeline.ts';
import type { SecretSource } from '../lib/ports.ts';
import type { RemovedRoute } from '../lib/routing/match-routes.ts';
import { recallRemovedRoutes } from '../lib/routing/route-memory.ts';
import { routesFrom } from '../lib/routing/route.ts';
import type { Telemetry } from './compose-telemetry.ts';
import { composePorts } from './compose-ports.ts';

export interface Composition {
  readonly pipeline: Pipeline;
  /** Used by a trigger outside of the pipeline; the cache is shared. */
  readonly secrets: SecretSource;
  readonly budget: RequestBudget;
}

/** @throws EnvironmentError when the configuration has no such source. */
export function composePipeline(
  config: CompiledConfig,
  environment: TriggerEnvironment,
  telemetry: Telemetry,
): Composition {
  const source = findSource(config, environment.source);
  const { ports, secrets, table, budget } = composePorts(config, environment, telemetry, source.name);
  const routes = routesFrom(config, source.name);
  const memory = new DynamoDbRouteMemory(table);
  let removed: readonly RemovedRoute[] | null = null;
  return {
    pipeline: {
      installation: environment.installation,
      config,
      source,
      routes,
      // Read once by an execution environment; a failed read is repeated by the next invocation.
      readRemovedRoutes: async () => {
        removed ??= await recallRemovedRoutes(source.name, routes, memory, ports.clock.nowEpochMs());
        return removed;
      },
      ports,
    },
    secrets,
    budget,
  };
}

function findSource({ sources }: CompiledConfig, name: string): CompiledSource {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (source !== undefined) return source;
  throw new EnvironmentError([
    { variable: SOURCE_VARIABLE, detail: 'names no source of the bundled configuration: deploy again' },
  ]);
}

/** Routes that say how often something should match them. Their events are counted for an alarm. */
import type { CompiledConfig } from './compiled.ts';

/** Events that matched the route, whatever became of them, apart from attempts that are repeated. */
export const EXPECTED_ROUTE_METRIC = 'EventsRouted';

export function expectedRoutesOf({ routes }: Pick<CompiledConfig, 'routes'>): ReadonlySet<string> {
  return new Set(
    routes.flatMap(({ name, expectWithinSeconds }) => (expectWithinSeconds === undefined ? [] : [name])),
  );
}

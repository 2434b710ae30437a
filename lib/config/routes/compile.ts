/** Compile routes. */
import type { CompiledParameter, CompiledRoute } from '../../compiled-config/compiled.ts';
import { compileCoalescing } from '../coalesce/compile.ts';
import type { RouteConfiguration } from './model.ts';

export function compileRoute(name: string, route: RouteConfiguration): CompiledRoute {
  const { from, when, dedupe, coalesce, run } = route;
  const [flow = '', deployment = ''] = run.deployment.split('/');
  const { templateMarkers, overflow, tags } = run;
  return {
    name,
    from,
    when: when ?? null,
    dedupe: { key: dedupe.key ?? null, retentionSeconds: dedupe.retention },
    coalesce: compileCoalescing(coalesce),
    run: { flow, deployment, parameters: compileParameters(run.parameters), templateMarkers, overflow, tags },
  };
}

function compileParameters(
  parameters: RouteConfiguration['run']['parameters'],
): Readonly<Record<string, CompiledParameter>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]): [string, CompiledParameter] => [
      name,
      typeof parameter === 'string'
        ? { expression: parameter, as: 'json' }
        : { expression: parameter.value, as: parameter.as },
    ]),
  );
}

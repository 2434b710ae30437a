/** Compile routes. */
import type { CompiledRoute } from '../../compiled-config/compiled.ts';
import { compileCoalescing } from '../coalesce/compile.ts';
import { compileRun } from '../run/compile.ts';
import type { RouteConfiguration } from './model.ts';

export function compileRoute(name: string, route: RouteConfiguration): CompiledRoute {
  const { from, when, dedupe, coalesce, expect, run } = route;
  return {
    name,
    from,
    when: when ?? null,
    dedupe: { key: dedupe.key ?? null, retentionSeconds: dedupe.retention },
    coalesce: compileCoalescing(coalesce),
    ...(expect !== undefined && { expectWithinSeconds: expect.within }),
    run: compileRun(run),
  };
}

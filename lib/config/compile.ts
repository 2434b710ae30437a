/** Compile a configuration that passed every check into the one that the functions read. */
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { configHash } from './config-hash.ts';
import type { Configuration } from './configuration-model.ts';
import { collectSecretKeys, compileLogs, compileTable } from './deployment/compile.ts';
import { compileEndpoint } from './endpoint/compile.ts';
import { compileOverflow } from './overflow.ts';
import { compilePrefect } from './prefect/compile.ts';
import { compileRoute } from './routes/compile.ts';
import { compileSource } from './sources/compile.ts';

export function compile(configuration: Configuration): CompiledConfig {
  const { prefect, limits, overflow, endpoint, logs, table, sources, routes } = configuration;
  const secretKeyArns = collectSecretKeys({ prefect, sources });
  const rest: Omit<CompiledConfig, 'hash'> = {
    formatVersion: 1,
    prefect: compilePrefect(prefect),
    limits,
    overflow: compileOverflow(overflow),
    endpoint: compileEndpoint(endpoint),
    logs: compileLogs(logs),
    table: compileTable(table),
    ...(Object.keys(secretKeyArns).length > 0 && { secretKeyArns }),
    sources: Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [name, compileSource(name, source)]),
    ),
    routes: Object.entries(routes).map(([name, route]) => compileRoute(name, route)),
  };
  return deepFreeze({ ...rest, hash: configHash(rest) });
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}

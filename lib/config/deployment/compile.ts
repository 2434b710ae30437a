/** Fields about the deployment, from what is written to what is deployed. Absent fields stay absent. */
import type { CompiledLogs, CompiledTable } from '../../compiled-config/compiled.ts';
import type { LogsConfiguration } from './logs-model.ts';
import type { TableConfiguration } from './table-model.ts';

interface WrittenDeployment {
  readonly group?: string | undefined;
  readonly expectEventsEvery?: number | undefined;
  readonly retired?: boolean | undefined;
}

export function compileDeployment({ group, expectEventsEvery, retired }: WrittenDeployment) {
  return {
    ...(group !== undefined && { group }),
    ...(expectEventsEvery !== undefined && { expectEventsEverySeconds: expectEventsEvery }),
    ...(retired === true && { retired }),
  };
}

export function compileLogs({ level, outcomes }: LogsConfiguration): CompiledLogs {
  return {
    level: LEVELS[level],
    outcomes:
      typeof outcomes === 'string' ? { kind: outcomes } : { kind: 'sampled', share: outcomes.sampled },
  };
}

const LEVELS = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

export function compileTable(table: TableConfiguration): CompiledTable {
  const { existing, provisioned, warmThroughput, pointInTimeRecovery } = table;
  if (existing !== undefined) return { kind: 'existing', name: existing };
  return {
    kind: 'own',
    pointInTimeRecovery,
    ...(provisioned !== undefined && { provisioned }),
    ...(warmThroughput !== undefined && { warmThroughput }),
  };
}

/** Collect the KMS keys of all secrets: wherever a map has a `secret`, its `kmsKey` may be beside it. */
export function collectSecretKeys(written: unknown): Readonly<Record<string, string>> {
  if (typeof written !== 'object' || written === null) return {};
  const { secret, kmsKey } = written as { readonly secret?: unknown; readonly kmsKey?: unknown };
  const own = typeof secret === 'string' && typeof kmsKey === 'string' ? { [secret]: kmsKey } : {};
  return Object.assign(own, ...Object.values(written).map(collectSecretKeys)) as Record<string, string>;
}

/** Fields about the deployment, from what is written to what is deployed. Absent fields stay absent. */
import type { CompiledLogs } from '../../compiled-config/compiled.ts';
import type { LogsConfiguration } from './logs-model.ts';

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

export function compileLogs({ level }: LogsConfiguration): CompiledLogs {
  return { level: LEVELS[level] };
}

const LEVELS = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;

/** Collect the KMS keys of all secrets: wherever a map has a `secret`, its `kmsKey` may be beside it. */
export function collectSecretKeys(written: unknown): Readonly<Record<string, string>> {
  if (typeof written !== 'object' || written === null) return {};
  const { secret, kmsKey } = written as { readonly secret?: unknown; readonly kmsKey?: unknown };
  const own = typeof secret === 'string' && typeof kmsKey === 'string' ? { [secret]: kmsKey } : {};
  return Object.assign(own, ...Object.values(written).map(collectSecretKeys)) as Record<string, string>;
}

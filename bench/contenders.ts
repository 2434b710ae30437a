import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  DEAD_LETTER_QUEUE_URL_VARIABLE,
  SOURCE_VARIABLE,
  INSTALLATION_VARIABLE,
  TABLE_NAME_VARIABLE,
} from '../lib/compiled-config/environment.ts';
import { DEPLOYMENT_ID } from './deployment.ts';
import { sluiceConfig } from './sluice-config.ts';

export type ContenderName = 'powertools' | 'floor' | 'sluice';

/** One of the handlers that are compared: they all do the same job. */
export interface Contender {
  readonly name: ContenderName;
  readonly entry: string;
  /** The name of the partition key of its table. */
  readonly tableKey: string;
  readonly environment: (tableName: string, prefectApiUrl: string) => Readonly<Record<string, string>>;
  /** Write the files that the handler expects beside its bundle. */
  readonly prepare: (bundleFolder: string, prefectApiUrl: string) => void;
}

const root = resolve(import.meta.dirname, '..');

function baseline(name: Exclude<ContenderName, 'sluice'>, tableKey: string): Contender {
  return {
    name,
    entry: join(root, `bench/baselines/${name}.ts`),
    tableKey,
    environment: (tableName, prefectApiUrl) => ({
      TABLE_NAME: tableName,
      PREFECT_API_URL: prefectApiUrl,
      DEPLOYMENT_ID,
    }),
    prepare: () => undefined,
  };
}

const CONTENDERS: readonly Contender[] = [
  baseline('powertools', 'id'),
  baseline('floor', 'pk'),
  {
    name: 'sluice',
    entry: join(root, 'functions/sqs-trigger/handler.ts'),
    tableKey: 'pk',
    environment: (tableName) => ({
      [SOURCE_VARIABLE]: 'orders',
      [TABLE_NAME_VARIABLE]: tableName,
      [INSTALLATION_VARIABLE]: tableName,
      // The workload has no dead letters. A request to this address would fail, and the measurement with it.
      [DEAD_LETTER_QUEUE_URL_VARIABLE]: 'http://127.0.0.1:9/000000000000/dead-letters',
    }),
    prepare: (bundleFolder, prefectApiUrl) => {
      writeFileSync(join(bundleFolder, 'sluice.config.json'), JSON.stringify(sluiceConfig(prefectApiUrl)));
    },
  },
];

/** Select contenders by name, or all; warn about those whose entry point does not exist. */
export function selectContenders(names: readonly string[] | null): readonly Contender[] {
  const unknown = names?.filter((name) => !CONTENDERS.some((contender) => contender.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new RangeError(
      `Unknown contender ${unknown.join(', ')}; choose from ${CONTENDERS.map((contender) => contender.name).join(', ')}.`,
    );
  }
  return CONTENDERS.filter((contender) => names === null || names.includes(contender.name)).filter(
    (contender) => {
      const exists = existsSync(contender.entry);
      if (!exists) console.warn(`Skipping ${contender.name}: ${contender.entry} does not exist.`);
      return exists;
    },
  );
}

import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  DEAD_LETTER_QUEUE_URL_VARIABLE,
  SOURCE_VARIABLE,
  TABLE_NAME_VARIABLE,
} from '../lib/compiled-config/environment.ts';
import { DEPLOYMENT_ID } from './deployment.ts';
import { sluiceConfig } from './sluice-config.ts';

export type SideName = 'powertools' | 'floor' | 'sluice';

/** One of the handlers that do the same job. */
export interface Side {
  readonly name: SideName;
  readonly entry: string;
  /** The partition key that its table has to have. */
  readonly tableKey: string;
  readonly environment: (tableName: string, prefectApiUrl: string) => Readonly<Record<string, string>>;
  /** Puts what belongs beside the bundle there. */
  readonly prepare: (bundleFolder: string, prefectApiUrl: string) => void;
}

const root = resolve(import.meta.dirname, '..');

function baseline(name: Exclude<SideName, 'sluice'>, tableKey: string): Side {
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

const SIDES: readonly Side[] = [
  baseline('powertools', 'id'),
  baseline('floor', 'pk'),
  {
    name: 'sluice',
    entry: join(root, 'functions/sqs-trigger/handler.ts'),
    tableKey: 'pk',
    environment: (tableName) => ({
      [SOURCE_VARIABLE]: 'orders',
      [TABLE_NAME_VARIABLE]: tableName,
      // Nothing of the workload is dead-lettered: a request to it would fail, and be seen as a failure.
      [DEAD_LETTER_QUEUE_URL_VARIABLE]: 'http://127.0.0.1:9/000000000000/dead-letters',
    }),
    prepare: (bundleFolder, prefectApiUrl) => {
      writeFileSync(join(bundleFolder, 'sluice.config.json'), JSON.stringify(sluiceConfig(prefectApiUrl)));
    },
  },
];

/** The sides whose entry exists, of those that were asked for. */
export function availableSides(names: readonly string[] | null): readonly Side[] {
  const unknown = names?.filter((name) => !SIDES.some((side) => side.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new RangeError(
      `No side is called ${unknown.join(', ')}; there are ${SIDES.map((side) => side.name).join(', ')}.`,
    );
  }
  return SIDES.filter((side) => names === null || names.includes(side.name)).filter((side) => {
    const exists = existsSync(side.entry);
    if (!exists) console.warn(`${side.name} is left out: ${side.entry} does not exist.`);
    return exists;
  });
}

import { readFile, mkdir, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleBatch } from '../../lib/idempotency/protocol.ts';
import { explore, type SettleBatch } from './explorer.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';
import { SETTINGS } from './settings.ts';

describe('the claim protocol, through every interleaving of two workers', () => {
  it.each(Object.entries(SETTINGS))('keeps every promise with %s', (name, setting) => {
    const exploration = explore(settleBatch, setting);
    console.log(`${name}: ${exploration.states} states`);
    expect(exploration.violation).toBeNull();
    expect(exploration.states).toBeGreaterThan(20);
  });
});

describe('a mistake in the claim protocol breaks a promise', () => {
  let folder = '';
  beforeAll(async () => {
    await mkdir('.local', { recursive: true });
    folder = await mkdtemp(join('.local', 'mutants-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each(MUTATIONS)('$id: $mistake', async (mutation) => {
    const mutant = 'store' in mutation ? settleBatch : await mutated(mutation, folder);
    const setting = SETTINGS[mutation.breaksUnder];
    const { violation } = explore(
      mutant,
      'store' in mutation ? { ...setting, store: mutation.store } : setting,
    );
    console.log(`${mutation.id}: ${violation?.promise} ⇐ ${violation?.trace.join(' · ')}`);
    expect(violation).not.toBeNull();
  });
});

/** A copy of the decision code with one mistake in it. */
async function mutated(mutation: Extract<Mutation, { file: string }>, folder: string): Promise<SettleBatch> {
  const home = join(folder, mutation.id);
  await mkdir(home);
  for (const file of ['effect.ts', 'identity.ts', 'settlement.ts', 'creation.ts', 'protocol.ts']) {
    const source = await readFile(join('lib/idempotency', file), 'utf8');
    if (file !== mutation.file) {
      await writeFile(join(home, file), source);
      continue;
    }
    const [before, after, ...more] = source.split(mutation.replace);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${mutation.id}: its text does not stand exactly once in ${file}: mend the mutation`);
    }
    await writeFile(join(home, file), before + mutation.by + after);
  }
  const url = pathToFileURL(join(home, 'protocol.ts')).href;
  const module = (await import(url)) as { settleBatch: SettleBatch };
  return module.settleBatch;
}

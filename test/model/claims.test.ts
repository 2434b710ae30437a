import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleBatch } from '../../lib/idempotency/protocol.ts';
import { explore, type SettleBatch } from './explorer.ts';
import { MutantFolder } from './mutant.ts';
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
  let folder: MutantFolder;
  beforeAll(async () => {
    folder = await MutantFolder.make();
  });
  afterAll(async () => {
    await folder.remove();
  });

  it.each(MUTATIONS)('$id: $mistake', async (mutation) => {
    const mutant = await mutantOf(mutation, folder);
    const setting = SETTINGS[mutation.breaksUnder];
    const { violation } = explore(
      mutant,
      'store' in mutation ? { ...setting, store: mutation.store } : setting,
    );
    console.log(`${mutation.id}: ${violation?.promise} ⇐ ${violation?.trace.join(' · ')}`);
    expect(violation).not.toBeNull();
  });
});

async function mutantOf(mutation: Mutation, folder: MutantFolder): Promise<SettleBatch> {
  if ('store' in mutation) return settleBatch;
  const [protocol] = await folder.importMutant(mutation.id, [mutation], ['idempotency/protocol.ts']);
  return (protocol as { settleBatch: SettleBatch }).settleBatch;
}

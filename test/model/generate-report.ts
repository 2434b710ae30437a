/** Writes docs/mutations.md. Nothing is explored again while neither the decision code nor the model has changed. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BROKEN_ASSUMPTIONS } from './assumptions.ts';
import { CLAIM_MUTATIONS } from './claim-mutations.ts';
import { CLAIM_SETTINGS } from './claim-settings.ts';
import { DECISION_CODE } from './decision-code.ts';
import { explore } from './explorer.ts';
import { MutantFolder } from './mutant.ts';
import { exploreMutant, type Mutation } from './mutation.ts';
import { REDRIVE_MUTATIONS } from './redrive-mutations.ts';
import { REDRIVE_SETTINGS } from './redrive-settings.ts';
import { modelReport, type ExploredProtocol } from './report.ts';
import type { Setting } from './setting.ts';
import { WINDOW_MUTATIONS } from './window-mutations.ts';
import { WINDOW_SETTINGS } from './window-settings.ts';

/** All that a report depends on. */
const SOURCES = ['lib/protocol', 'lib/windows', 'lib/routing', 'lib/batching', 'lib/reconcile', 'test/model'];

const cache = join('.local', 'model-reports', `${await digestOf(SOURCES)}.md`);
const report = (await readIfThere(cache)) ?? (await exploreAll());
await mkdir(join('.local', 'model-reports'), { recursive: true });
await writeFile(cache, report);
await writeFile(join('docs', 'mutations.md'), report);

async function exploreAll(): Promise<string> {
  const folder = await MutantFolder.make();
  try {
    const protocols = [
      await explored('Claims', CLAIM_SETTINGS, CLAIM_MUTATIONS, folder),
      await explored('Windows', WINDOW_SETTINGS, WINDOW_MUTATIONS, folder),
      await explored('Redrives', REDRIVE_SETTINGS, REDRIVE_MUTATIONS, folder),
    ];
    const assumptions = BROKEN_ASSUMPTIONS.map(
      (assumption) => [assumption, explore(DECISION_CODE, assumption.setting)] as const,
    );
    return modelReport(protocols, assumptions);
  } finally {
    await folder.remove();
  }
}

async function explored<Name extends string>(
  title: string,
  settings: Readonly<Record<Name, Setting>>,
  mutations: readonly Mutation<Name>[],
  folder: MutantFolder,
): Promise<ExploredProtocol> {
  const ofSettings = Object.entries<Setting>(settings).map(
    ([name, setting]) => [name, explore(DECISION_CODE, setting)] as const,
  );
  const ofMutations: [Mutation, Awaited<ReturnType<typeof exploreMutant>>][] = [];
  for (const mutation of mutations) {
    ofMutations.push([mutation, await exploreMutant(mutation, settings[mutation.breaksUnder], folder)]);
  }
  return { title, settings: ofSettings, mutations: ofMutations };
}

async function digestOf(folders: readonly string[]): Promise<string> {
  const digest = createHash('sha256');
  for (const folder of folders) {
    for (const name of (await readdir(folder)).sort()) {
      if (name.endsWith('.ts'))
        digest.update(`${folder}/${name}\n`).update(await readFile(join(folder, name)));
    }
  }
  return digest.digest('hex');
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}

/** A copy of the decision code with a mistake in it, imported as a module of its own. */
import { cp, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DecisionCode } from './worker.ts';

/** Folders of lib/ whose modules import each other: they are copied side by side. */
const FOLDERS = ['protocol', 'windows', 'routing', 'batching', 'reconcile'] as const;

export interface Edit {
  /** Under lib/. */
  readonly file: `${(typeof FOLDERS)[number]}/${string}.ts`;
  /** Exact text of the source, which stands there once. */
  readonly replace: string;
  readonly by: string;
}

export class StaleMutationError extends Error {
  override readonly name = 'StaleMutationError';

  constructor(mutationId: string, { file, replace }: Edit) {
    super(`${mutationId}: this text is not in lib/${file} exactly once, fix the mutation: ${replace}`);
  }
}

/** Where copies live while they are tested: inside the repository, since they import what it has installed. */
export class MutantFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  static async make(): Promise<MutantFolder> {
    await mkdir('.local', { recursive: true });
    return new MutantFolder(await mkdtemp(join('.local', 'mutants-')));
  }

  async importMutant(mutationId: string, edits: readonly Edit[]): Promise<DecisionCode> {
    const home = join(this.#path, mutationId);
    for (const folder of FOLDERS) await cp(join('lib', folder), join(home, folder), { recursive: true });
    for (const edit of edits) {
      const path = join(home, edit.file);
      const [before, after, ...more] = (await readFile(path, 'utf8')).split(edit.replace);
      if (before === undefined || after === undefined || more.length > 0) {
        throw new StaleMutationError(mutationId, edit);
      }
      await writeFile(path, before + edit.by + after);
    }
    const entry = join(home, 'decision-code.ts');
    const original = await readFile(join('test', 'model', 'decision-code.ts'), 'utf8');
    await writeFile(entry, original.replaceAll('../../lib/', './'));
    const { DECISION_CODE } = (await import(pathToFileURL(entry).href)) as { DECISION_CODE: DecisionCode };
    return DECISION_CODE;
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true });
  }
}

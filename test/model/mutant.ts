/** A copy of the decision code with a mistake in it, imported as a module of its own. */
import { cp, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Folders of lib/ whose modules import each other: they are copied side by side. */
const FOLDERS = ['idempotency', 'windows'];

export interface Edit {
  /** Under lib/. */
  readonly file: `idempotency/${string}.ts` | `windows/${string}.ts`;
  /** Exact text of the source, which stands there once. */
  readonly replace: string;
  readonly by: string;
}

export class StaleMutationError extends Error {
  override readonly name = 'StaleMutationError';

  constructor(mutationId: string, { file, replace }: Edit) {
    super(
      `${mutationId}: this text does not stand exactly once in lib/${file}, mend the mutation: ${replace}`,
    );
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

  /** Imports modules of a copy with these edits, named as under lib/. */
  async importMutant(
    mutationId: string,
    edits: readonly Edit[],
    modules: readonly string[],
  ): Promise<unknown[]> {
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
    return Promise.all(modules.map((module) => import(pathToFileURL(join(home, module)).href) as unknown));
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true });
  }
}

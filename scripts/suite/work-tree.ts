/** Reads the state of the work tree from git, to detect what a command has changed. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../stack/paths.ts';
import { reportCheck } from './check.ts';
import { runQuietly } from './run-program.ts';
import { oneSkipped, type Tally } from './tally.ts';

/** Maps the path of each new or changed file to a digest of its content. */
export type WorkTreeState = ReadonlyMap<string, string>;

/** @returns `null` outside of a git repository, for example in a downloaded archive */
export async function readWorkTree(): Promise<WorkTreeState | null> {
  const status = await runQuietly('git', [
    'status',
    '--porcelain',
    '-z',
    '--no-renames',
    '--untracked-files=all',
  ]);
  if (!status.succeeded) return null;
  const paths = status.output
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice('XY '.length));
  return new Map(await Promise.all(paths.map(async (path) => [path, await digestOf(path)] as const)));
}

/** Report whether the work tree has changed between two reads. The check is skipped without git. */
export function reportUnchanged(
  title: string,
  before: WorkTreeState | null,
  after: WorkTreeState | null,
  fix: string,
): Tally {
  if (before === null || after === null) {
    console.log(`- ${title}: not checked outside of a git repository`);
    return oneSkipped;
  }
  const paths = changedPaths(before, after);
  return reportCheck(title, paths.length === 0 ? null : { output: `changed: ${paths.join(', ')}`, fix });
}

function changedPaths(before: WorkTreeState, after: WorkTreeState): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}

async function digestOf(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(join(projectFolder, path)))
      .digest('hex');
  } catch {
    return 'deleted';
  }
}

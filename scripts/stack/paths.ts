/** Where things lie in this checkout. Whatever is made or downloaded is below `.local/`, which git ignores. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const projectFolder = resolve(import.meta.dirname, '../..');
export const localFolder = join(projectFolder, '.local');
export const logsFolder = join(localFolder, 'logs');
const pythonFolder = join(localFolder, 'venv/bin');
export const stackFolder = import.meta.dirname;

/** The path of a program that came with the Python packages. @throws when they are not installed */
export function pythonProgram(name: 'python' | 'prefect' | 'schemathesis'): string {
  const program = join(pythonFolder, name);
  if (existsSync(program)) return program;
  throw new Error(`${program} does not exist: run \`node scripts/bootstrap.mjs\`, which installs it.`);
}

/** The folder of the Node that runs this script, so that children use the same one. */
export const nodeFolder = dirname(process.execPath);

/**
 * The environment that every part of the stack starts from. Of the caller's own it has nothing but the PATH:
 * stray `AWS_*` and `PREFECT_*` variables would change what a part does, and the emulator hands its
 * environment on to every function.
 */
export function plainEnvironment(homeFolder: string): Record<string, string> {
  return {
    HOME: homeFolder,
    TMPDIR: homeFolder,
    PATH: [nodeFolder, pythonFolder, process.env['PATH'] ?? '/usr/bin:/bin'].join(':'),
    LANG: 'C.UTF-8',
  };
}

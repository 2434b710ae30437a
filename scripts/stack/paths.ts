/** Paths in this checkout. Generated and downloaded files are below `.local/`, which git ignores. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const projectFolder = resolve(import.meta.dirname, '../..');
export const localFolder = join(projectFolder, '.local');
export const logsFolder = join(localFolder, 'logs');
const pythonFolder = join(localFolder, 'venv/bin');
export const stackFolder = import.meta.dirname;

/** Return the path of a program of the Python packages. @throws if they are not installed */
export function pythonProgram(name: 'python' | 'prefect' | 'schemathesis'): string {
  const program = join(pythonFolder, name);
  if (existsSync(program)) return program;
  throw new Error(`${program} does not exist: run \`node scripts/bootstrap.mjs\`, which installs it.`);
}

/** The folder of the Node that runs this script, so that children use the same one. */
export const nodeFolder = dirname(process.execPath);

/**
 * The base environment of every service. It contains only the PATH of the caller: stray `AWS_*` and `PREFECT_*`
 * variables would change the behavior of a service, and the emulator passes its environment on to every function.
 */
export function plainEnvironment(homeFolder: string): Record<string, string> {
  return {
    HOME: homeFolder,
    TMPDIR: homeFolder,
    PATH: [nodeFolder, pythonFolder, process.env['PATH'] ?? '/usr/bin:/bin'].join(':'),
    LANG: 'C.UTF-8',
  };
}

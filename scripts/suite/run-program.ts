/** Runs a program of the project's dependencies, or git, and waits for its end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { projectFolder } from '../stack/paths.ts';

export interface ProgramResult {
  readonly succeeded: boolean;
  /** Standard output, then standard error. */
  readonly output: string;
}

const environment = {
  ...process.env,
  PATH: [join(projectFolder, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
};

/** Capture the output, so that a passing check prints one line. */
export async function runQuietly(command: string, args: readonly string[]): Promise<ProgramResult> {
  const child = spawn(command, args, {
    cwd: projectFolder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, outcome] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)]);
  return outcome instanceof Error
    ? { succeeded: false, output: outcome.message }
    : { succeeded: outcome === 0, output: stdout + stderr };
}

/** Show the output while the program runs. @returns whether it succeeded */
export async function runVisibly(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { cwd: projectFolder, env: environment, stdio: 'inherit' });
  return (await endOf(child)) === 0;
}

/** Resolve to the exit code, `null` after a signal, or the error if the program could not be started. */
function endOf(child: ChildProcess): Promise<number | null | Error> {
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
}

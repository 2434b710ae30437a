/** Kills the processes in which the AWS emulator runs functions, whatever they are doing. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Send SIGKILL to every function. @returns how many there were */
export async function killFunctions(emulatorPid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,comm=']);
  const functions = stdout
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(
      ([, parent, command = '']) =>
        Number(parent) === emulatorPid && /(^|\/)(node|MainThread)$/.test(command),
    )
    .map(([pid]) => Number(pid));
  for (const pid of functions) killIfAlive(pid);
  return functions.length;
}

/** A function may have ended since the processes were listed. */
function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ESRCH') throw error;
  }
}

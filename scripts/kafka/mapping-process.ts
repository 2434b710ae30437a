/** Runs an event source mapping in a separate process, as another poller, or one that can be killed at any moment. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { logsFolder } from '../stack/paths.ts';
import type { MappingProgramMessage, MappingProgramTerms } from './mapping-program.ts';

export interface MappingProcess {
  /** Send SIGKILL to the poller: it neither commits nor leaves its group. Its function dies as well. */
  readonly kill: () => Promise<void>;
  /** Send SIGKILL to the function alone, if it runs in a process. */
  readonly killFunction: () => void;
  /** Let the poller finish its invocation, commit, and leave its group. */
  readonly stop: () => Promise<void>;
}

/** Resolve when the poller is a member of its group; its log is in `.local/logs/`. @throws if it ends before */
export async function startMappingProcess(terms: MappingProgramTerms): Promise<MappingProcess> {
  mkdirSync(logsFolder, { recursive: true });
  const logFile = join(logsFolder, `kafka-mapping.${String(process.pid)}.${String(Date.now())}.log`);
  const log = openSync(logFile, 'a');
  const child = fork(join(import.meta.dirname, 'mapping-program.ts'), [JSON.stringify(terms)], {
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = once(child, 'exit');
  const joined = once(child, 'message').then(([message]) => message as MappingProgramMessage);
  const first = await Promise.race([joined, ended.then(() => null)]);
  if (first === null) throw new Error(`The poller ended before it joined its group. Its log is ${logFile}.`);
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    kill: () => end('SIGKILL'),
    killFunction: () => void child.send('kill the function'),
    stop: () => end('SIGTERM'),
  };
}

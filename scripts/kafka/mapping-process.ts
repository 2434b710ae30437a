/** An event source mapping in a process of its own, as another poller, or one that may be killed at any moment. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { logsFolder } from '../stack/paths.ts';
import type { MappingProgramMessage, MappingProgramTerms } from './mapping-program.ts';

export interface MappingProcess {
  /** SIGKILL to the poller: it neither commits nor leaves its group. Its function goes with it. */
  readonly kill: () => Promise<void>;
  /** SIGKILL to the function alone, if it is in a process. */
  readonly killFunction: () => void;
  /** Lets the poller end what it is in, commit, and leave its group. */
  readonly stop: () => Promise<void>;
}

/** Resolves once the poller is a member of its group; its log is in `.local/logs/`. @throws when it ends before that */
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
  if (first === null)
    throw new Error(`The poller ended before it had joined its group. Its log is ${logFile}.`);
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

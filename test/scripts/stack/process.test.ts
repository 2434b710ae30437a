import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  makeTemporaryFolder,
  NotReadyError,
  startProcess,
  waitUntil,
  type ProcessOptions,
} from '../../../scripts/stack/process.ts';

/** A shell script as the part: it is ready when it has written the file `ready`. */
function shellPart(script: string): ProcessOptions {
  const temporaryFolder = makeTemporaryFolder('process-test');
  return {
    name: 'process-test',
    command: 'sh',
    args: ['-c', script],
    environment: { PATH: process.env['PATH'] ?? '' },
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: () => Promise.resolve(existsSync(join(temporaryFolder, 'ready'))),
    readyWithinMs: 20_000,
    graceMs: 10_000,
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startProcess', () => {
  it('ends the process with all its children and removes its files when it is stopped', async () => {
    const options = shellPart('sleep 300 & echo $! > child; touch ready; wait');
    const running = await startProcess(options);
    const childPid = Number(readFileSync(join(options.temporaryFolder, 'child'), 'utf8'));
    expect(isAlive(running.pid) && isAlive(childPid)).toBe(true);

    await running.stop();

    expect(isAlive(running.pid) || isAlive(childPid)).toBe(false);
    expect(existsSync(options.temporaryFolder)).toBe(false);
  });

  it('kills a process that does not end when it is asked to', async () => {
    const options = shellPart("trap '' TERM; touch ready; while true; do sleep 0.1; done");
    const running = await startProcess({ ...options, graceMs: 100 });
    await running.stop();
    expect(isAlive(running.pid)).toBe(false);
  });

  it('says why a process ended before it was ready, with the end of its log', async () => {
    const options = shellPart('echo "port is taken"; exit 3');
    const starting = startProcess(options);
    await expect(starting).rejects.toThrow(NotReadyError);
    await expect(starting).rejects.toThrow(/ended early \(exit code 3\)[\s\S]*port is taken/);
    expect(existsSync(options.temporaryFolder)).toBe(false);
  });

  it('ends a process that is not ready in time', async () => {
    const options = shellPart('echo $$ > pid; sleep 300');
    const pidFile = join(options.temporaryFolder, 'pid');
    let pid = 0;
    const starting = startProcess({
      ...options,
      readyWithinMs: 300,
      isReady: () => {
        if (existsSync(pidFile)) pid = Number(readFileSync(pidFile, 'utf8'));
        return Promise.resolve(false);
      },
    });
    await expect(starting).rejects.toThrow('was not ready within 0.3 s');
    expect(pid === 0 || !isAlive(pid)).toBe(true);
  });

  it('says that a program does not exist', async () => {
    const starting = startProcess({ ...shellPart(''), command: 'no-such-program' });
    await expect(starting).rejects.toThrow(/could not be started: spawn no-such-program ENOENT/);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'ends the process when its starter dies of %s',
    async (signal) => {
      const folder = makeTemporaryFolder('starter');
      const partFolder = join(folder, 'part');
      mkdirSync(partFolder);
      const starterFile = join(folder, 'starter.ts');
      writeFileSync(
        starterFile,
        `import { startProcess } from ${JSON.stringify(join(import.meta.dirname, '../../../scripts/stack/process.ts'))};
        const running = await startProcess({
          name: 'process-test', command: 'sleep', args: ['300'], environment: {}, isReady: async () => true,
          workingFolder: ${JSON.stringify(folder)}, temporaryFolder: ${JSON.stringify(partFolder)},
        });
        console.log(running.pid);
        setInterval(() => {}, 1000);`,
      );
      const starter = spawn(process.execPath, [starterFile], { stdio: ['ignore', 'pipe', 'inherit'] });
      const output: unknown[] = await once(starter.stdout, 'data');
      const partPid = Number(String(output[0]));
      expect(isAlive(partPid)).toBe(true);

      starter.kill(signal);

      await waitUntil(() => Promise.resolve(!isAlive(partPid) && !existsSync(partFolder)), 20_000);
      expect(isAlive(partPid)).toBe(false);
      rmSync(folder, { recursive: true });
    },
  );
});

/** Starts child processes, waits until they are ready, and stops them when this process ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { logsFolder } from './paths.ts';

export interface ProcessOptions {
  /** The name of the log file, and of the service in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** Removed after the process has ended. */
  readonly temporaryFolder: string;
  /** Returns true when the service can be used; may throw until then. */
  readonly isReady: () => Promise<boolean>;
  readonly readyWithinMs?: number;
  /** The time that the process may take to exit before it is killed. */
  readonly graceMs?: number;
  /** The signal that asks it to exit. Default: TERM. */
  readonly stopSignal?: 'TERM' | 'INT';
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface RunningProcess {
  readonly pid: number;
  readonly logFile: string;
  readonly stop: () => Promise<void>;
}

/** A service did not become ready. The message ends with the last lines of its log. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
  readonly logFile: string;

  constructor(partName: string, reason: string, logFile: string) {
    const lastLines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n  ');
    super(`${partName} ${reason}. Its log is ${logFile} and ends with:\n  ${lastLines}`);
    this.logFile = logFile;
  }
}

/**
 * A guard process. It waits for the end of its input, which comes when the pipe is closed or this process has ended,
 * even by SIGKILL; then it stops the process group and removes its files. So there is one way to stop a service.
 */
const GUARD = `
  wait_until_gone() {
    tenths=0
    while kill -s 0 -- "-$1" 2> /dev/null && [ "$tenths" -lt "$2" ]; do
      sleep 0.1
      tenths=$((tenths + 1))
    done
  }
  cat > /dev/null
  kill -s "$4" -- "-$1" 2> /dev/null
  wait_until_gone "$1" "$2"
  kill -s KILL -- "-$1" 2> /dev/null
  wait_until_gone "$1" 50
  rm -rf -- "$3"
`;

const DEFAULTS = { readyWithinMs: 120_000, graceMs: 10_000, stopSignal: 'TERM' } as const;

/** @throws {NotReadyError} after `readyWithinMs`, or immediately if the process exits before it is ready */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { readyWithinMs, graceMs, stopSignal, ...required } = { ...DEFAULTS, ...options };
  mkdirSync(logsFolder, { recursive: true });
  const logFile = join(logsFolder, `${required.name}.${String(process.pid)}.${String(Date.now())}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(required.command, required.args, {
    cwd: required.workingFolder,
    env: required.environment,
    stdio: ['ignore', log, log],
    detached: true,
    ...required.user,
  });
  closeSync(log);
  const state: { ending: string | null } = { ending: null };
  child.once('error', (error) => {
    state.ending = `could not be started: ${error.message}`;
  });
  child.once('exit', (code, signal) => {
    state.ending = `ended early (${signal ?? `exit code ${String(code)}`})`;
  });
  if (child.pid === undefined) {
    // The error event, which has the reason, follows.
    await waitUntil(() => Promise.resolve(state.ending !== null), 1_000);
    rmSync(required.temporaryFolder, { recursive: true, force: true });
    throw new NotReadyError(required.name, state.ending ?? 'could not be started', logFile);
  }

  const guard = spawn(
    'sh',
    ['-c', GUARD, 'guard', String(child.pid), String(graceMs / 100), required.temporaryFolder, stopSignal],
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  );
  const cleaned = once(guard, 'exit');
  child.once('exit', () => guard.stdin.end());
  child.unref();
  const running: RunningProcess = {
    pid: child.pid,
    logFile,
    stop: async () => {
      guard.ref();
      guard.stdin.end();
      await cleaned;
    },
  };

  try {
    await waitUntil(async () => state.ending !== null || (await required.isReady()), readyWithinMs);
  } catch {
    state.ending ??= `was not ready within ${String(readyWithinMs / 1000)} s`;
  }
  const { ending } = state;
  if (ending !== null) {
    await running.stop();
    throw new NotReadyError(required.name, ending, logFile);
  }
  guard.unref();
  return running;
}

/** Poll until the condition is true; an error counts as false. @throws the last error, or a timeout */
export async function waitUntil(
  condition: () => Promise<boolean>,
  withinMs: number,
  everyMs = 50,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  let lastError: unknown = new Error(`The condition is still false after ${String(withinMs / 1000)} s.`);
  while (performance.now() < deadline) {
    try {
      if (await condition()) return;
    } catch (error) {
      lastError = error;
    }
    await delay(everyMs);
  }
  throw lastError;
}

/** A check for `isReady`: the URL responds with 2xx. */
export async function respondsOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}

export function makeTemporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `sluice-${name}-`));
}

/** Runs a Lambda handler in a separate process, one invocation at a time, which can be killed at any moment. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Invoke, InvokeResult } from './invoke.ts';

export interface HandlerProcessTerms {
  /** A module that exports `handler`. */
  readonly handlerFile: string;
  /** The complete environment of the process; `PATH` is not needed. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface HandlerProcess {
  readonly invoke: Invoke;
  /** Send SIGKILL. The current invocation fails, and the next one starts another process, as Lambda does. */
  readonly kill: () => void;
  readonly stop: () => Promise<void>;
}

/** The process starts with the first invocation. */
export function createHandlerProcess(terms: HandlerProcessTerms): HandlerProcess {
  let child: ChildProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const start = (): ChildProcess => {
    const started = fork(join(import.meta.dirname, 'handler-process-child.ts'), [terms.handlerFile], {
      env: { ...terms.environment },
      serialization: 'json',
    });
    started.once('exit', () => {
      if (child === started) child = null;
    });
    return started;
  };

  const invokeOnce: Invoke = async (event) => {
    const running = (child ??= start());
    const abort = new AbortController();
    const options = { signal: abort.signal };
    const timeout = setTimeout(() => running.kill('SIGKILL'), terms.timeoutMs);
    running.send({ event, timeoutMs: terms.timeoutMs }, () => undefined);
    try {
      return await Promise.race([
        once(running, 'message', options).then(([result]) => result as InvokeResult),
        once(running, 'exit', options).then(([code, signal]): InvokeResult => ({
          kind: 'failed',
          reason: `The process of the handler ended (${String(signal ?? code)}).`,
        })),
      ]);
    } finally {
      clearTimeout(timeout);
      abort.abort();
    }
  };

  return {
    invoke: (event) => {
      const result = last.then(() => invokeOnce(event));
      last = result;
      return result;
    },
    kill: () => void child?.kill('SIGKILL'),
    stop: async () => {
      if (child === null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

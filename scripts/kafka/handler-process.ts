/** A Lambda handler in a process of its own, one invocation at a time, which may be killed at any moment. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Invoke, InvokeAnswer } from './invoke.ts';

export interface HandlerProcessTerms {
  /** A module that exports `handler`. */
  readonly handlerFile: string;
  /** All that the process sees of one; `PATH` is not needed. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface HandlerProcess {
  readonly invoke: Invoke;
  /** SIGKILL. The invocation that it was in fails, and the next one starts another process, as Lambda does. */
  readonly kill: () => void;
  readonly stop: () => Promise<void>;
}

/** Starts with the first invocation. */
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
        once(running, 'message', options).then(([answer]) => answer as InvokeAnswer),
        once(running, 'exit', options).then(([code, signal]): InvokeAnswer => ({
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
      const answer = last.then(() => invokeOnce(event));
      last = answer;
      return answer;
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

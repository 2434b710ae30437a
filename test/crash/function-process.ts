/** Runs a function's bundle in a process of its own, which can be killed in the middle of an invocation. */
import { fork, type ChildProcess } from 'node:child_process';
import { openSync, closeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { logsFolder, projectFolder } from '../../scripts/stack/paths.ts';
import type { InvocationResponse, Invocation } from './function-program.ts';

export interface DeployedFunction {
  /** The name of its log. */
  readonly name: string;
  readonly bundleFolder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export type InvocationResult = InvocationResponse | { readonly kind: 'killed' };

const PROGRAM = join(projectFolder, 'test', 'crash', 'function-program.ts');

export class FunctionProcess {
  readonly #child: ChildProcess;
  #result: Promise<InvocationResult> | null = null;

  /** Start the process at once, so that it loads its modules while others work. */
  constructor({ name, bundleFolder, environment }: DeployedFunction) {
    mkdirSync(logsFolder, { recursive: true });
    const log = openSync(join(logsFolder, `crash-${name}.${process.pid}.log`), 'a');
    this.#child = fork(PROGRAM, {
      // A function must not see the environment of this process.
      env: { ...LAMBDA_ENVIRONMENT, ...environment, LAMBDA_TASK_ROOT: bundleFolder },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Invoke the function, one invocation at a time, as Lambda does. */
  async invoke(invocation: Invocation): Promise<InvocationResult> {
    if (this.#result !== null) throw new Error('the process is still busy with another invocation');
    this.#result = this.#send(invocation);
    try {
      return await this.#result;
    } finally {
      this.#result = null;
    }
  }

  /** Kill the process at once; an invocation in progress ends as `killed`. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(invocation: Invocation): Promise<InvocationResult> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onMessage = (result: InvocationResponse): void => {
        child.off('exit', onExit);
        resolve(result);
      };
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        child.off('message', onMessage);
        if (signal === 'SIGKILL') resolve({ kind: 'killed' });
        else reject(new Error(`the function's process ended with ${signal ?? `exit code ${String(code)}`}`));
      };
      child.once('message', onMessage).once('exit', onExit);
      // A process that has ended does not send a message.
      if (this.isAlive) child.send(invocation, () => undefined);
      else onExit(child.exitCode, child.signalCode);
    });
  }
}

/** Invoke in a process that is started for it, and killed afterwards. */
export async function inFreshProcess(
  deployed: DeployedFunction,
  invocation: Invocation,
): Promise<InvocationResult> {
  const process = new FunctionProcess(deployed);
  try {
    return await process.invoke(invocation);
  } finally {
    process.kill();
  }
}

/** The variables that Lambda sets in every function, as far as they are read. */
export const LAMBDA_ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_LAMBDA_FUNCTION_NAME: 'function',
  NODE_NO_WARNINGS: '1',
  // The outcome of each event is read from Prefect, so a log line for each is not needed.
  POWERTOOLS_LOG_LEVEL: 'WARN',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

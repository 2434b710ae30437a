/** A function's bundle in a process of its own, which can be told to die in the middle of an invocation. */
import { fork, type ChildProcess } from 'node:child_process';
import { openSync, closeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { logsFolder, projectFolder } from '../../scripts/stack/paths.ts';
import type { Answer, Invocation } from './function-program.ts';

export interface DeployedFunction {
  /** Names its log. */
  readonly name: string;
  readonly bundleFolder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export type Ending = Answer | { readonly kind: 'killed' };

const PROGRAM = join(projectFolder, 'test', 'crash', 'function-program.ts');

export class FunctionProcess {
  readonly #child: ChildProcess;
  #ending: Promise<Ending> | null = null;

  /** The process is started at once; what it needs to load, it loads while others are at work. */
  constructor({ name, bundleFolder, environment }: DeployedFunction) {
    mkdirSync(logsFolder, { recursive: true });
    const log = openSync(join(logsFolder, `crash-${name}.${process.pid}.log`), 'a');
    this.#child = fork(PROGRAM, {
      // Nothing of this process's environment: a function is told by its own alone.
      env: { ...LAMBDA_ENVIRONMENT, ...environment, LAMBDA_TASK_ROOT: bundleFolder },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** One at a time, as on Lambda. */
  async invoke(invocation: Invocation): Promise<Ending> {
    if (this.#ending !== null) throw new Error('the process is at work on another invocation');
    this.#ending = this.#send(invocation);
    try {
      return await this.#ending;
    } finally {
      this.#ending = null;
    }
  }

  /** At once, whatever it is doing: an invocation under way ends as `killed`. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(invocation: Invocation): Promise<Ending> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onMessage = (result: Answer): void => {
        child.off('exit', onExit);
        resolve(result);
      };
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        child.off('message', onMessage);
        if (signal === 'SIGKILL') resolve({ kind: 'killed' });
        else reject(new Error(`the function's process ended with ${signal ?? `exit code ${String(code)}`}`));
      };
      child.once('message', onMessage).once('exit', onExit);
      // A process that is gone is told by its exit.
      if (this.isAlive) child.send(invocation, () => undefined);
      else onExit(child.exitCode, child.signalCode);
    });
  }
}

/** What Lambda sets in every function, as far as anybody reads it. */
const LAMBDA_ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_LAMBDA_FUNCTION_NAME: 'function',
  NODE_NO_WARNINGS: '1',
  // What became of each event is read from Prefect; a log line for each would say it once more.
  POWERTOOLS_LOG_LEVEL: 'WARN',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

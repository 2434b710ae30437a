/** Processes of one function that are not killed; each has one invocation at a time. */
import { FunctionProcess, type DeployedFunction, type InvocationResult } from './function-process.ts';
import type { Invocation } from './function-program.ts';

export class ProcessPool {
  readonly #function: DeployedFunction;
  readonly #idle: FunctionProcess[] = [];
  readonly #all: FunctionProcess[] = [];

  constructor(deployed: DeployedFunction) {
    this.#function = deployed;
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const process = this.#idle.pop() ?? this.#start();
    const result = await process.invoke(invocation);
    this.#idle.push(process);
    return result;
  }

  end(): void {
    for (const process of this.#all) process.kill();
  }

  #start(): FunctionProcess {
    const process = new FunctionProcess(this.#function);
    this.#all.push(process);
    return process;
  }
}

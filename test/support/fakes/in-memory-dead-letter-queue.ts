import type { DeadLetterQueue } from '../../../lib/ports.ts';
import { InjectedFaultError, type Fault } from '../proxies/fault.ts';

export type DeadLetterFault = (deadLetter: string) => Fault;

/** Dead letters in an array, in the order sent. */
export class InMemoryDeadLetterQueue implements DeadLetterQueue {
  readonly messages: string[] = [];
  readonly #fault: DeadLetterFault;

  constructor(fault: DeadLetterFault = () => 'none') {
    this.#fault = fault;
  }

  async sendDeadLetters(deadLetters: readonly string[]): Promise<readonly number[]> {
    return deadLetters.flatMap((deadLetter, index) => {
      const fault = this.#fault(deadLetter);
      if (fault === 'broken') throw new InjectedFaultError('sendDeadLetters');
      if (fault !== 'lost-request') this.messages.push(deadLetter);
      return fault === 'none' ? [] : [index];
    });
  }
}

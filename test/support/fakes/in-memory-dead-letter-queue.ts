import type { DeadLetterQueue } from '../../../lib/ports.ts';
import { InjectedFaultError, type Fault } from '../proxies/fault.ts';

export type DeadLetterFault = (letter: string) => Fault;

/** Dead letters in an array, in the order sent. */
export class InMemoryDeadLetterQueue implements DeadLetterQueue {
  readonly letters: string[] = [];
  readonly #fault: DeadLetterFault;

  constructor(fault: DeadLetterFault = () => 'none') {
    this.#fault = fault;
  }

  async sendDeadLetters(letters: readonly string[]): Promise<readonly number[]> {
    return letters.flatMap((letter, index) => {
      const fault = this.#fault(letter);
      if (fault === 'broken') throw new InjectedFaultError('sendDeadLetters');
      if (fault !== 'lost-request') this.letters.push(letter);
      return fault === 'none' ? [] : [index];
    });
  }
}

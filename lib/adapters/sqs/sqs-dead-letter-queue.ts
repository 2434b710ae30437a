import { hash } from 'node:crypto';
import type { DeadLetterQueue } from '../../ports.ts';
import type { SqsMessage, SqsSender } from './sqs-sender.ts';

/** A trigger's dead-letter queue; FIFO when the trigger's own queue is, as SQS demands. */
export class SqsDeadLetterQueue implements DeadLetterQueue {
  readonly #sender: SqsSender;

  constructor(sender: SqsSender) {
    this.#sender = sender;
  }

  /**
   * Every failure is in the result, never thrown: records whose dead letters were stored need not be redelivered because
   * another one failed.
   */
  sendDeadLetters(deadLetters: readonly string[]): Promise<readonly number[]> {
    return this.#sender.send(deadLetters.map(toSqsMessage));
  }
}

function toSqsMessage(body: string): SqsMessage {
  return {
    body,
    attributes: {},
    fifo: { groupId: 'dead-letters', deduplicationId: hash('sha256', body) },
  };
}

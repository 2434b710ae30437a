import type { EventQueue, QueueMessage } from '../../ports.ts';
import { QueueUnavailableError } from '../../unavailable-error.ts';
import type { SqsMessage, SqsSender } from './sqs-sender.ts';

/** The queue between an HTTP source's endpoint and its pipeline: a standard SQS queue. */
export class SqsEventQueue implements EventQueue {
  readonly #sender: SqsSender;

  constructor(sender: SqsSender) {
    this.#sender = sender;
  }

  /**
   * In batches of at most 10 messages and 1 MiB; what failed is tried once more.
   * @throws QueueUnavailableError when any message is not known to be stored. The caller's sender repeats the
   * request then, and events that were stored are found to be duplicates.
   */
  async sendEvents(messages: readonly QueueMessage[]): Promise<void> {
    const missing = await this.#sender.send(messages.map(toSqsMessage));
    if (missing.length > 0) throw new QueueUnavailableError(missing.length);
  }
}

function toSqsMessage({ body, attributes }: QueueMessage, index: number): SqsMessage {
  return { body, attributes, fifo: { groupId: 'events', deduplicationId: String(index) } };
}

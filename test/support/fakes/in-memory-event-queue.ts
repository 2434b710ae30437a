import type { EventQueue, QueueMessage } from '../../../lib/ports.ts';
import { QueueUnavailableError } from '../../../lib/unavailable-error.ts';

/** An event queue that can be told to be out of reach. */
export class InMemoryEventQueue implements EventQueue {
  readonly messages: QueueMessage[] = [];
  isAvailable = true;

  async sendEvents(messages: readonly QueueMessage[]): Promise<void> {
    if (!this.isAvailable) throw new QueueUnavailableError(messages.length);
    this.messages.push(...messages);
  }
}

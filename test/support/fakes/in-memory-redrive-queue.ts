import type { HiddenMessage, RedriveQueue, MessageReceipt } from '../../../lib/redrive/redrive-ports.ts';

/** A standard queue, which hides what was received until it is released; a look shows two messages at most. */
export class InMemoryRedriveQueue implements RedriveQueue {
  readonly sourceName: string | null;
  readonly #visible: HiddenMessage[];
  readonly #hidden = new Map<string, HiddenMessage>();
  #receipts = 0;

  constructor(messages: readonly HiddenMessage[] = [], sourceName: string | null = 'jobs') {
    this.#visible = [...messages];
    this.sourceName = sourceName;
  }

  get visible(): readonly HiddenMessage[] {
    return this.#visible;
  }

  get hiddenCount(): number {
    return this.#hidden.size;
  }

  send(message: HiddenMessage): void {
    this.#visible.push(message);
  }

  /** As when the visibility time-out of all of them is over. */
  showAll(): void {
    this.#visible.push(...this.#hidden.values());
    this.#hidden.clear();
  }

  receive(): Promise<readonly HiddenMessage[]> {
    const received = this.#visible
      .splice(0, 2)
      .map((message) => ({ ...message, receiptHandle: `receipt-${this.#receipts++}` }));
    for (const message of received) this.#hidden.set(message.messageId, message);
    return Promise.resolve(received);
  }

  delete(receipts: readonly MessageReceipt[]): Promise<readonly MessageReceipt[]> {
    return Promise.resolve(receipts.filter((receipt) => this.#takeHidden(receipt) === undefined));
  }

  release(receipts: readonly MessageReceipt[]): Promise<void> {
    this.#visible.push(...receipts.flatMap((receipt) => this.#takeHidden(receipt) ?? []));
    return Promise.resolve();
  }

  /** Only the latest receipt counts. */
  #takeHidden({ messageId, receiptHandle }: MessageReceipt): HiddenMessage | undefined {
    const hidden = this.#hidden.get(messageId);
    if (hidden?.receiptHandle !== receiptHandle) return undefined;
    this.#hidden.delete(messageId);
    return hidden;
  }
}

/** The ports of a redrive (see `lib/ports.ts`). */
import type { QueuedMessage } from '../dead-letters/dead-letter-message.ts';

/** Identifies one receive of a message, to delete or release it. */
export interface MessageReceipt {
  readonly messageId: string;
  readonly receiptHandle: string;
}

export interface HiddenMessage extends QueuedMessage, MessageReceipt {}

export interface RedriveQueue {
  /** The source whose dead letters it holds; null for a queue that all sources with windows share. */
  readonly sourceName: string | null;
  /** Receive some messages and hide them for a while. An empty result does not prove that the queue is empty. */
  receive(): Promise<readonly HiddenMessage[]>;
  /** Resolve with the receipts whose messages could not be deleted. */
  delete(receipts: readonly MessageReceipt[]): Promise<readonly MessageReceipt[]>;
  /** Make messages visible again. Best effort: they become visible after their visibility timeout in any case. */
  release(receipts: readonly MessageReceipt[]): Promise<void>;
}

export interface RedriveFunction {
  /** `failed`: the invocation did not end properly, and its effects are unknown. */
  invoke(
    requestJson: string,
  ): Promise<
    | { readonly kind: 'answered'; readonly answer: unknown }
    | { readonly kind: 'failed'; readonly detail: string }
  >;
}

/** What a redrive needs of the world (see `lib/ports.ts`). */
import type { QueuedMessage } from '../dead-letters/dead-letter-message.ts';

/** What a message that was received is deleted or released by. */
export interface Receipt {
  readonly messageId: string;
  readonly receiptHandle: string;
}

export interface HiddenMessage extends QueuedMessage, Receipt {}

export interface LetterQueue {
  /** The source whose dead letters it holds; null: of all that have windows. */
  readonly sourceName: string | null;
  /** Some messages, hidden from everybody for a while; none when it saw none, which is not yet to say that it is empty. */
  receive(): Promise<readonly HiddenMessage[]>;
  /** Those that were not deleted. */
  delete(receipts: readonly Receipt[]): Promise<readonly Receipt[]>;
  /** Shows them again. Best effort: they show again by themselves, later. */
  release(receipts: readonly Receipt[]): Promise<void>;
}

export interface RedriveFunction {
  /** `failed`: the invocation did not end as it should, and may have done anything. */
  invoke(
    requestJson: string,
  ): Promise<
    | { readonly kind: 'answered'; readonly answer: unknown }
    | { readonly kind: 'failed'; readonly detail: string }
  >;
}

/** What redelivery needs of a queue. */

export interface RedeliveryQueue {
  /** Cached for minutes. Throws when the queue cannot be asked. */
  readLimits(timeoutMs: number): Promise<QueueLimits>;
  /** Resolves with the ids of messages whose delay could not be set: they come back at the queue's own time. */
  delayMessages(delays: readonly MessageDelay[], timeoutMs: number): Promise<readonly string[]>;
}

export interface QueueLimits {
  /** Receives after which the queue moves a message to its dead-letter queue; null: never. */
  readonly maxReceiveCount: number | null;
  /** How long a message is hidden after a receive. */
  readonly visibilityTimeoutMs: number;
  /** How long the queue keeps a message. */
  readonly retentionMs: number;
}

export interface MessageDelay {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly delaySeconds: number;
}

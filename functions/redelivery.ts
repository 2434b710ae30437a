/** Lets messages that have to be redelivered come back when they could succeed, not when the queue's time-out is over. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSRecord } from 'aws-lambda';
import type { Clock, Deadline } from '../lib/ports.ts';
import type { ReceivedMessage, RedeliveryContext } from '../lib/redelivery/plan-redeliveries.ts';
import type { MessageDelay, RedeliveryQueue } from '../lib/redelivery/redelivery-ports.ts';

export interface RedeliveryOptions {
  readonly queueOf: (queueArn: string) => RedeliveryQueue;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly logger: Logger;
}

export type RedeliveryPlan = (
  messages: readonly ReceivedMessage[],
  context: RedeliveryContext,
) => readonly MessageDelay[];

/** What has to remain of the invocation for the response to Lambda. */
const RESPONSE_MS = 250;
const LONGEST_REQUEST_MS = 1_000;

export class Redelivery {
  readonly #options: RedeliveryOptions;
  readonly #queues = new Map<string, RedeliveryQueue>();

  constructor(options: RedeliveryOptions) {
    this.#options = options;
  }

  /** A failure is harmless: the messages come back when the visibility time-out of their queue is over. */
  async schedule(messages: readonly SQSRecord[], deadline: Deadline, plan: RedeliveryPlan): Promise<void> {
    for (const [queueArn, ofQueue] of Map.groupBy(messages, ({ eventSourceARN }) => eventSourceARN)) {
      await this.#scheduleInQueue(queueArn, ofQueue, deadline, plan);
    }
  }

  async #scheduleInQueue(
    queueArn: string,
    messages: readonly SQSRecord[],
    deadline: Deadline,
    plan: RedeliveryPlan,
  ): Promise<void> {
    const { clock, random, logger } = this.#options;
    const timeoutMs = (): number => Math.min(LONGEST_REQUEST_MS, deadline.remainingMs() - RESPONSE_MS);
    if (timeoutMs() <= 0) return;
    try {
      const queue = this.#queue(queueArn);
      const limits = await queue.readLimits(timeoutMs());
      const nowEpochMs = clock.nowEpochMs();
      const delays = plan(
        messages.map((message) => toReceivedMessage(message, queueArn)),
        { limits, nowEpochMs, jitter: random() },
      );
      const notDelayed = timeoutMs() <= 0 ? delays : await queue.delayMessages(delays, timeoutMs());
      if (notDelayed.length > 0)
        logger.warn('redelivery not scheduled', { queueArn, count: notDelayed.length });
    } catch (error) {
      logger.warn('redelivery not scheduled', {
        queueArn,
        error: error instanceof Error ? error.name : null,
      });
    }
  }

  #queue(queueArn: string): RedeliveryQueue {
    const queue = this.#queues.get(queueArn) ?? this.#options.queueOf(queueArn);
    this.#queues.set(queueArn, queue);
    return queue;
  }
}

function toReceivedMessage(message: SQSRecord, queueArn: string): ReceivedMessage {
  const { messageId, receiptHandle, attributes } = message;
  return {
    messageId,
    receiptHandle,
    receiveCount: Number(attributes.ApproximateReceiveCount) || 1,
    sentAtEpochMs: Number(attributes.SentTimestamp) || 0,
    // Standard queues may have groups as well, which have no order.
    messageGroup: queueArn.endsWith('.fifo') ? (attributes.MessageGroupId ?? null) : null,
  };
}

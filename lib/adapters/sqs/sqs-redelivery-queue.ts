/** The queue that a function reads, as far as the redelivery of its messages is concerned. */
import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { jsonField, parseJson } from '../../json/untrusted-json.ts';
import { mapWithConcurrency, pieces } from '../../map-with-concurrency.ts';
import type { Clock } from '../../ports.ts';
import type { MessageDelay, QueueLimits, RedeliveryQueue } from '../../redelivery/redelivery-ports.ts';

const MESSAGES_PER_REQUEST = 10;
const MAX_PARALLEL_REQUESTS = 8;
const LIMITS_CACHE_MS = 10 * 60_000;

export interface SqsRedeliveryQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly clock: Clock;
}

export class SqsRedeliveryQueue implements RedeliveryQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #clock: Clock;
  #cached: { readonly limits: QueueLimits; readonly untilEpochMs: number } | null = null;

  constructor({ client, queueUrl, clock }: SqsRedeliveryQueueOptions) {
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.#clock = clock;
  }

  async readLimits(timeoutMs: number): Promise<QueueLimits> {
    const nowEpochMs = this.#clock.nowEpochMs();
    if (this.#cached !== null && this.#cached.untilEpochMs > nowEpochMs) return this.#cached.limits;
    const { Attributes: attributes = {} } = await this.#client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#queueUrl,
        AttributeNames: ['VisibilityTimeout', 'MessageRetentionPeriod', 'RedrivePolicy'],
      }),
      { abortSignal: AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs))) },
    );
    const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = attributes;
    const limits = {
      maxReceiveCount: maxReceiveCountOf(RedrivePolicy),
      visibilityTimeoutMs: Number(VisibilityTimeout ?? '30') * 1_000,
      retentionMs: Number(MessageRetentionPeriod ?? '345600') * 1_000,
    };
    this.#cached = { limits, untilEpochMs: nowEpochMs + LIMITS_CACHE_MS };
    return limits;
  }

  async delayMessages(delays: readonly MessageDelay[], timeoutMs: number): Promise<readonly string[]> {
    const abortSignal = AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs)));
    const notDelayed = await mapWithConcurrency(
      [...pieces(delays, MESSAGES_PER_REQUEST)],
      MAX_PARALLEL_REQUESTS,
      (piece) => this.#delay(piece, abortSignal),
    );
    return notDelayed.flat();
  }

  async #delay(delays: readonly MessageDelay[], abortSignal: AbortSignal): Promise<readonly string[]> {
    try {
      const { Successful: successful = [] } = await this.#client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.#queueUrl,
          Entries: delays.map(({ receiptHandle, delaySeconds }, index) => ({
            Id: String(index),
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: delaySeconds,
          })),
        }),
        { abortSignal },
      );
      const delayed = new Set(successful.map(({ Id: id }) => id));
      return delays.filter((_, index) => !delayed.has(String(index))).map(({ messageId }) => messageId);
    } catch {
      // Whatever it was, these messages come back when the queue's own time-out is over.
      return delays.map(({ messageId }) => messageId);
    }
  }
}

/** SQS writes the number as a number or as a text, whichever it was set with. */
function maxReceiveCountOf(redrivePolicy: string | undefined): number | null {
  if (redrivePolicy === undefined || redrivePolicy === '') return null;
  const count = Number(jsonField(parseJson(redrivePolicy), 'maxReceiveCount'));
  return Number.isInteger(count) && count > 0 ? count : null;
}

/** Messages to one SQS queue, in batches: what everything that sends shares of limits, retries and FIFO. */
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { setTimeout as pause } from 'node:timers/promises';
import { errorName } from '../aws/aws-error.ts';
import { mapWithConcurrency } from '../../map-with-concurrency.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../event/queue-message.ts';

/** SendMessageBatch takes 10 messages and 1 MiB, attributes included. */
const MESSAGES_PER_REQUEST = 10;
const BYTES_PER_REQUEST = MAX_QUEUE_MESSAGE_BYTES;

export interface SqsMessage {
  readonly body: string;
  /** String attributes. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Up to 900; the queue's own delay by default. Standard queues only. */
  readonly delaySeconds?: number;
  /**
   * Used on FIFO queues only. Order is kept within a group; of two messages with the same `deduplicationId`
   * within five minutes SQS drops one, so it must tell different messages apart.
   */
  readonly fifo: { readonly groupId: string; readonly deduplicationId: string };
}

export interface SqsSenderOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly maxParallelRequests?: number;
  /** The wait before something is tried again; 25 to 75 ms by default. */
  readonly pauseBeforeRetry?: () => Promise<void>;
  /** Told of each request or message that failed: AWS's code, never the message. */
  readonly onFailure?: (code: string) => void;
}

interface Entry {
  readonly index: number;
  readonly bytes: number;
  readonly request: SendMessageBatchRequestEntry;
}

export class SqsSender {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #maxParallelRequests: number;
  readonly #pauseBeforeRetry: () => Promise<void>;
  readonly #onFailure: (code: string) => void;

  constructor(options: SqsSenderOptions) {
    this.#client = options.client;
    this.#queueUrl = options.queueUrl;
    this.#maxParallelRequests = options.maxParallelRequests ?? 4;
    this.#pauseBeforeRetry = options.pauseBeforeRetry ?? (() => pause(25 + Math.random() * 50));
    this.#onFailure = options.onFailure ?? (() => undefined);
  }

  /** The indexes of messages that are not known to be stored, after one more try; empty when all are. */
  async send(messages: readonly SqsMessage[]): Promise<readonly number[]> {
    const entries = messages.map((message, index) => this.#toEntry(message, index));
    const failed = await this.#sendOnce(entries);
    if (failed.size === 0) return [];

    await this.#pauseBeforeRetry();
    const failedAgain = await this.#sendOnce(entries.filter((entry) => failed.has(entry.index)));
    return [...failedAgain].toSorted((a, b) => a - b);
  }

  async #sendOnce(entries: readonly Entry[]): Promise<ReadonlySet<number>> {
    const failed = await mapWithConcurrency(toRequests(entries), this.#maxParallelRequests, (request) =>
      this.#sendRequest(request),
    );
    return new Set(failed.flat());
  }

  async #sendRequest(entries: readonly Entry[]): Promise<readonly number[]> {
    try {
      const { Successful: successful = [], Failed: failed = [] } = await this.#client.send(
        new SendMessageBatchCommand({
          QueueUrl: this.#queueUrl,
          Entries: entries.map((entry) => entry.request),
        }),
      );
      for (const { Code: code = 'indeterminate' } of failed) this.#onFailure(code);
      const stored = new Set(successful.map(({ Id: id }) => id));
      return entries.filter(({ request }) => !stored.has(request.Id)).map(({ index }) => index);
    } catch (error) {
      this.#onFailure(errorName(error));
      return entries.map((entry) => entry.index);
    }
  }

  #toEntry(message: SqsMessage, index: number): Entry {
    const attributes = Object.entries(message.attributes);
    return {
      index,
      bytes: attributes.reduce(
        (sum, [name, value]) => sum + Buffer.byteLength(name) + 'String'.length + Buffer.byteLength(value),
        Buffer.byteLength(message.body),
      ),
      request: {
        Id: String(index),
        MessageBody: message.body,
        ...(message.delaySeconds !== undefined && { DelaySeconds: message.delaySeconds }),
        ...(attributes.length > 0 && {
          MessageAttributes: Object.fromEntries(
            attributes.map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
          ),
        }),
        ...(this.#queueUrl.endsWith('.fifo') && {
          MessageGroupId: message.fifo.groupId,
          MessageDeduplicationId: message.fifo.deduplicationId,
        }),
      },
    };
  }
}

function toRequests(entries: readonly Entry[]): Entry[][] {
  const requests: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const last = requests.at(-1);
    if (
      last === undefined ||
      last.length === MESSAGES_PER_REQUEST ||
      bytes + entry.bytes > BYTES_PER_REQUEST
    ) {
      requests.push([entry]);
      bytes = entry.bytes;
    } else {
      last.push(entry);
      bytes += entry.bytes;
    }
  }
  return requests;
}

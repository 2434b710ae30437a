/** A dead-letter queue as a redrive reads it. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { pieces } from '../../map-with-concurrency.ts';
import type { HiddenMessage, RedriveQueue, MessageReceipt } from '../../redrive/redrive-ports.ts';

/** ReceiveMessage gives ten at most, and the batch requests take as many. */
const MESSAGES_PER_REQUEST = 10;
/** What is received stays hidden for so long if this process dies: longer than its invocation can take. */
const VISIBILITY_SECONDS = 1_800;
/** More than 0 asks all of the queue's servers, not some of them. */
const WAIT_SECONDS = 1;

export class SqsRedriveQueue implements RedriveQueue {
  readonly sourceName: string | null;
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string, sourceName: string | null) {
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.sourceName = sourceName;
  }

  async receive(): Promise<readonly HiddenMessage[]> {
    const { Messages: messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queueUrl,
        MaxNumberOfMessages: MESSAGES_PER_REQUEST,
        VisibilityTimeout: VISIBILITY_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'DeadLetterQueueSourceArn'],
      }),
    );
    return messages.flatMap(toHiddenMessages);
  }

  async delete(receipts: readonly MessageReceipt[]): Promise<readonly MessageReceipt[]> {
    const undeleted: MessageReceipt[] = [];
    for (const piece of pieces(receipts, MESSAGES_PER_REQUEST)) {
      const { Successful: successful = [] } = await this.#client.send(
        new DeleteMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries: toEntries(piece) }),
      );
      const deleted = new Set(successful.map(({ Id: id }) => id));
      undeleted.push(...piece.filter((_, index) => !deleted.has(String(index))));
    }
    return undeleted;
  }

  async release(receipts: readonly MessageReceipt[]): Promise<void> {
    for (const piece of pieces(receipts, MESSAGES_PER_REQUEST)) {
      await this.#client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.#queueUrl,
          Entries: toEntries(piece).map((entry) => ({ ...entry, VisibilityTimeout: 0 })),
        }),
      );
    }
  }
}

function toHiddenMessages({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Message) {
  if (MessageId === undefined || ReceiptHandle === undefined) return [];
  const attributes = Object.entries(MessageAttributes ?? {}).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name.toLowerCase(), StringValue] as const],
  );
  const headerList = Object.entries(MessageAttributes ?? {}).flatMap(
    ([name, { StringValue, BinaryValue }]) => {
      const value = StringValue ?? BinaryValue;
      return value === undefined ? [] : [{ name, value }];
    },
  );
  return [
    {
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body ?? '',
      attributes: new Map(attributes),
      ...(headerList.length > 0 && { headerList }),
      sentAtEpochMs: Number(Attributes?.SentTimestamp ?? 0),
      meantForQueueArn:
        Attributes?.DeadLetterQueueSourceArn ?? MessageAttributes?.['TARGET_ARN']?.StringValue ?? null,
    },
  ];
}

function toEntries(receipts: readonly MessageReceipt[]) {
  return receipts.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
}

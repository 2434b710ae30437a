/** Receives messages of a queue and keeps them invisible, as Lambda's pollers do while a function processes them. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SqsTestQueue } from '../support/parts/sqs-test-queue.ts';

export interface HeldMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly receiveCount: number;
}

/** Longer than a message is ever held here. */
const HOLD_SECONDS = 600;

/** Receive up to ten messages that are visible, and wait a second for the first. */
export async function receiveMessages(
  { client, queueUrl }: SqsTestQueue,
  holdSeconds = HOLD_SECONDS,
): Promise<readonly HeldMessage[]> {
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: holdSeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      WaitTimeSeconds: 1,
    }),
  );
  return messages.map(
    ({ MessageId: messageId = '', ReceiptHandle: receiptHandle = '', Body: body = '', Attributes }) => ({
      messageId,
      receiptHandle,
      body,
      receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
    }),
  );
}

/** Receive all messages; wait for those that are delayed, but not for those that another reader holds. */
export async function receiveAll(queue: SqsTestQueue): Promise<readonly HeldMessage[]> {
  const held: HeldMessage[] = [];
  for (;;) {
    const received = await receiveMessages(queue);
    held.push(...received);
    if (received.length > 0) continue;
    const { waiting, delayed } = await countMessages(queue);
    if (waiting + delayed === 0) return held;
  }
}

/** Count messages by their state; a reader has received those that are `held`. */
export async function countMessages({ client, queueUrl }: SqsTestQueue) {
  const { Attributes: attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible',
      ],
    }),
  );
  return {
    waiting: Number(attributes['ApproximateNumberOfMessages'] ?? 0),
    delayed: Number(attributes['ApproximateNumberOfMessagesDelayed'] ?? 0),
    held: Number(attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
  };
}

export async function deleteMessage(
  { client, queueUrl }: SqsTestQueue,
  { receiptHandle }: HeldMessage,
): Promise<void> {
  await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
}

/** Make a message visible again after some seconds. */
export async function releaseMessage(
  { client, queueUrl }: SqsTestQueue,
  { receiptHandle }: HeldMessage,
  afterSeconds = 0,
): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: afterSeconds,
    }),
  );
}

/** What is on a queue, held by one reader as Lambda's pollers hold what they hand to a function. */
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

/** Longer than anybody holds a message here. */
const HOLD_SECONDS = 600;

/** Those that are visible now, ten at most; waits a moment for the first. */
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

/** All of them: those that are still delayed are waited for. Those that somebody else holds are not. */
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

/** `held` ones are in somebody's hands. */
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

/** It comes again, after so many seconds. */
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

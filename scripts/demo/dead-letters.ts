/** What is in the dead-letter queues. */
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { AwsEndpoint } from '../stack/aws-endpoint.ts';

/** Of lib/dead-letters/dead-letter.ts, what is shown. */
const DeadLetter = z.object({
  source: z.string(),
  stage: z.string(),
  code: z.string(),
  detail: z.string(),
  eventId: z.string().nullable(),
  record: z.object({ id: z.string() }),
});

export type DeadLetter = z.output<typeof DeadLetter>;

/** Nothing is deleted: all letters are visible again after a while. */
export async function readDeadLetters(
  aws: AwsEndpoint,
  queueUrls: readonly string[],
): Promise<readonly DeadLetter[]> {
  const sqs = new SQSClient(aws);
  const letters: DeadLetter[] = [];
  for (const queueUrl of queueUrls) {
    for (;;) {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 20 }),
      );
      if (messages.length === 0) break;
      letters.push(...messages.map(({ Body: body = '' }) => DeadLetter.parse(JSON.parse(body))));
    }
  }
  return letters;
}

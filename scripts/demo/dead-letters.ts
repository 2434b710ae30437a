/** Reads the dead-letter queues. */
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { AwsEndpoint } from '../stack/aws-endpoint.ts';

/** The fields of a dead letter (lib/dead-letters) that the demo shows. */
const DeadLetter = z.object({
  source: z.string(),
  stage: z.string(),
  code: z.string(),
  detail: z.string(),
  eventId: z.string().nullable(),
  record: z.object({ id: z.string() }),
});

export type DeadLetter = z.output<typeof DeadLetter>;

/** Read all dead letters without deleting them; they become visible again after the visibility timeout. */
export async function readDeadLetters(
  aws: AwsEndpoint,
  queueUrls: readonly string[],
): Promise<readonly DeadLetter[]> {
  const sqs = new SQSClient(aws);
  const deadLetters: DeadLetter[] = [];
  for (const queueUrl of queueUrls) {
    for (;;) {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 20 }),
      );
      if (messages.length === 0) break;
      deadLetters.push(...messages.map(({ Body: body = '' }) => DeadLetter.parse(JSON.parse(body))));
    }
  }
  return deadLetters;
}

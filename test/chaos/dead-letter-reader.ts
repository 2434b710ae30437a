/** Reads the dead-letter queues: which event each message is about. */
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Installation } from './event.ts';
import type { ObservedDeadLetter } from './observation.ts';
import { FLOWS } from './routes.ts';

export interface DeadLetterQueue {
  readonly installation: Installation;
  readonly url: string;
}

/** The fields that docs/redrive.md documents. */
const DeadLetter = z.object({
  route: z.string().nullable(),
  code: z.string(),
  eventId: z.string().nullable(),
});
/** A message that SQS itself moved is the event as it was sent. */
const MovedEvent = z.object({ id: z.string() });

/** Messages are deleted as they are read, so call it once the system has come to rest. */
export async function readDeadLetters(
  sqs: SQSClient,
  queues: readonly DeadLetterQueue[],
): Promise<readonly ObservedDeadLetter[]> {
  const found: ObservedDeadLetter[] = [];
  for (const { installation, url } of queues) {
    for (;;) {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
      );
      if (messages.length === 0) break;
      found.push(...messages.map(({ Body: body = '' }) => toDeadLetter(installation, body)));
      const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    }
  }
  return found;
}

function toDeadLetter(installation: Installation, body: string): ObservedDeadLetter {
  const json: unknown = JSON.parse(body);
  const deadLetter = DeadLetter.safeParse(json);
  if (!deadLetter.success) {
    return { installation, eventId: MovedEvent.parse(json).id, route: null, code: 'moved by SQS' };
  }
  const { route, code, eventId } = deadLetter.data;
  const known = FLOWS.find((flow) => flow.route === route);
  return {
    installation,
    eventId: eventId ?? `unknown: ${body.slice(0, 200)}`,
    route: known?.route ?? null,
    code,
  };
}

/** Posts events to the deployed endpoint and sends messages to the user's queue, and keeps the answers. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { LocalStack } from './local-stack.ts';
import type { SampleMessage, SampleRequest, Wave } from './sample-events.ts';

export type Answer =
  /** Sluice, or the queue, has it: `id` is the event id of the 202, or the id that SQS gave to the message. */
  | { readonly kind: 'accepted'; readonly caption: string; readonly source: string; readonly id: string }
  | {
      readonly kind: 'refused';
      readonly caption: string;
      readonly source: string;
      readonly status: number;
      readonly code: string;
    };

const Accepted = z.object({ events: z.array(z.object({ id: z.string() })) });
const Problem = z.object({ code: z.string() });

export async function sendWave({ requests, messages }: Wave, stack: LocalStack): Promise<readonly Answer[]> {
  const sqs = new SQSClient(stack.aws);
  const answers: Answer[] = [];
  for (const request of requests) answers.push(...(await post(request, stack)));
  for (const message of messages) answers.push(await send(message, sqs, stack));
  return answers;
}

async function post(request: SampleRequest, stack: LocalStack): Promise<readonly Answer[]> {
  const { captions, contentType, headers = {}, body, bearerToken = stack.bearerToken } = request;
  const response = await fetch(stack.endpointUrl, {
    method: 'POST',
    headers: { 'authorization': `Bearer ${bearerToken}`, 'content-type': contentType, ...headers },
    body,
  });
  const answer: unknown = await response.json();
  const { status } = response;
  const source = 'orders-hook';
  if (status !== 202) {
    const { code } = Problem.parse(answer);
    return captions.map((caption) => ({ kind: 'refused', caption, source, status, code }));
  }
  const { events } = Accepted.parse(answer);
  return events.map(({ id }, index) => ({ kind: 'accepted', caption: captions[index] ?? '', source, id }));
}

async function send({ caption, body }: SampleMessage, sqs: SQSClient, stack: LocalStack): Promise<Answer> {
  const { MessageId: id } = await sqs.send(
    new SendMessageCommand({ QueueUrl: stack.jobsQueueUrl, MessageBody: body }),
  );
  if (id === undefined) throw new Error('SQS gave no id to a message.');
  return { kind: 'accepted', caption, source: 'jobs', id };
}

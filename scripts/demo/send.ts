/** Posts events to the deployed endpoint, sends messages to the queue, and produces records to the topic. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { LocalStack } from './local-stack.ts';
import type { SampleMessage, SampleRecord, SampleRequest, Wave } from './sample-events.ts';
import type { SampleTopic } from './sample-topic.ts';

export type SendResult =
  /**
   * The endpoint, the queue or the topic has stored it. `id` is the event id in the 202 response, the message id of
   * SQS, or the position of the record in its topic: `<topic>-<partition>@<offset>`.
   */
  | { readonly kind: 'accepted'; readonly caption: string; readonly source: string; readonly id: string }
  | {
      readonly kind: 'refused';
      readonly caption: string;
      readonly source: string;
      readonly status: number;
      readonly code: string;
    };

/** The name of the Kafka source in the sample. */
export const TOPIC_SOURCE = 'orders-topic';

const Accepted = z.object({ events: z.array(z.object({ id: z.string() })) });
const Problem = z.object({ code: z.string() });

export async function sendWave(wave: Wave, stack: LocalStack): Promise<readonly SendResult[]> {
  const { requests, messages, records } = wave;
  const { ordersTopic } = stack;
  const sqs = new SQSClient(stack.aws);
  const results: SendResult[] = [];
  for (const request of requests) results.push(...(await post(request, stack)));
  for (const message of messages) results.push(await send(message, sqs, stack));
  if (ordersTopic !== null) {
    for (const record of records) results.push(await produce(record, ordersTopic));
  }
  return results;
}

async function post(request: SampleRequest, stack: LocalStack): Promise<readonly SendResult[]> {
  const { captions, contentType, headers = {}, body, bearerToken = stack.bearerToken } = request;
  const response = await fetch(stack.endpointUrl, {
    method: 'POST',
    headers: { 'authorization': `Bearer ${bearerToken}`, 'content-type': contentType, ...headers },
    body,
  });
  const responseBody: unknown = await response.json();
  const { status } = response;
  const source = 'orders-hook';
  if (status !== 202) {
    const { code } = Problem.parse(responseBody);
    return captions.map((caption) => ({ kind: 'refused', caption, source, status, code }));
  }
  const { events } = Accepted.parse(responseBody);
  return events.map(({ id }, index) => ({ kind: 'accepted', caption: captions[index] ?? '', source, id }));
}

async function send(
  { caption, body }: SampleMessage,
  sqs: SQSClient,
  stack: LocalStack,
): Promise<SendResult> {
  const { MessageId: id } = await sqs.send(
    new SendMessageCommand({ QueueUrl: stack.jobsQueueUrl, MessageBody: body }),
  );
  if (id === undefined) throw new Error('SQS returned no message id.');
  return { kind: 'accepted', caption, source: 'jobs', id };
}

async function produce({ caption, key, value }: SampleRecord, topic: SampleTopic): Promise<SendResult> {
  return { kind: 'accepted', caption, source: TOPIC_SOURCE, id: await topic.send(key, value) };
}

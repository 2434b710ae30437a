/** The deployed app from outside: what senders, operators and Prefect's users see of it. */
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { readOutcomeLog, type OutcomeLine } from '../../../scripts/demo/outcome-log.ts';
import { awsEndpointAt } from '../../../scripts/stack/aws-endpoint.ts';
import { waitUntil } from '../../../scripts/stack/process.ts';
import { PrefectApi } from './prefect-api.ts';
import { eventIdsInRuns } from './prefect-runs.ts';
import '../setup/provided.ts';

type SourceName = 'hook' | 'jobs' | 'jobs-fifo';

export interface PostedAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface SentMessage {
  readonly body: string;
  /** FIFO queues only. */
  readonly groupId?: string;
}

/** Long enough for a few deliveries on a machine that is busy with other tests. */
const PATIENCE_MS = 150_000;
const LOOK_EVERY_MS = 300;

const deployed = inject('e2eDeployment');
const aws = awsEndpointAt(inject('awsEndpointUrl'));
const sqs = new SQSClient(aws);

export const prefect = new PrefectApi(inject('prefectApiUrl'));

export function post(
  body: string,
  contentType: string,
  token: string = deployed.bearerToken,
): Promise<PostedAnswer> {
  return postTo(deployed.endpointUrl, body, contentType, token);
}

/** The same, to the source that answers with flow runs. */
export function ask(body: string, contentType: string): Promise<PostedAnswer> {
  return postTo(deployed.askingEndpointUrl, body, contentType, deployed.bearerToken);
}

async function postTo(url: string, body: string, contentType: string, token: string): Promise<PostedAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'authorization': `Bearer ${token}`, 'content-type': contentType },
    body,
  });
  return { status: response.status, body: await response.json() };
}

/** All at the same time, ten in a request. */
export async function sendMessages(source: SourceName, messages: readonly SentMessage[]): Promise<void> {
  const requests = Array.from({ length: Math.ceil(messages.length / 10) }, (_, index) =>
    messages.slice(index * 10, (index + 1) * 10),
  );
  await Promise.all(
    requests.map(async (entries, request) => {
      const { Failed: failed = [] } = await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: deployed.queueUrls[source],
          Entries: entries.map(({ body, groupId }, index) => ({
            Id: String(index),
            MessageBody: body,
            ...(groupId !== undefined && {
              MessageGroupId: groupId,
              MessageDeduplicationId: `${groupId}-${String(request)}-${String(index)}`,
            }),
          })),
        }),
      );
      if (failed.length > 0) throw new Error(`SQS refused ${String(failed.length)} messages.`);
    }),
  );
}

/** Of the events that are meant, what the functions have logged so far. */
export async function outcomesOf(
  matches: (line: OutcomeLine) => boolean,
): Promise<readonly OutcomeLine['outcome'][]> {
  const log = await readOutcomeLog(aws, deployed.stackName);
  return log.filter(matches).map(({ outcome }) => outcome);
}

/** Ids of events in runs of `collect-orders/e2e`, sorted; one that is in two runs is there twice. */
export async function collectedIds(idPrefix: string): Promise<readonly string[]> {
  const ids = await eventIdsInRuns(prefect, deployed.collectOrdersId);
  return ids.filter((id) => id.startsWith(idPrefix));
}

/** Nothing waits in the source's queue, and nothing is being worked on. */
export async function queueIsEmpty(source: SourceName): Promise<boolean> {
  const { Attributes: counts = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: deployed.queueUrls[source],
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(counts).every((count) => count === '0');
}

/** Takes the dead letters that are there now; they come back later. */
export async function receiveDeadLetters(source: SourceName): Promise<readonly unknown[]> {
  const { Messages: messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: deployed.deadLetterQueueUrls[source], MaxNumberOfMessages: 10 }),
  );
  return messages.map(({ Body: body = '' }): unknown => JSON.parse(body));
}

/** Up to ten of the dead letters, which everybody still sees. */
export async function peekDeadLetters(source: SourceName): Promise<readonly string[]> {
  const { Messages: messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: deployed.deadLetterQueueUrls[source],
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    }),
  );
  return messages.map(({ Body: body = '' }) => body);
}

export async function sendDeadLetter(source: SourceName, letter: string): Promise<void> {
  await sqs.send(
    new SendMessageCommand({ QueueUrl: deployed.deadLetterQueueUrls[source], MessageBody: letter }),
  );
}

/** For conditions that come true in the end, if the promise holds. */
export function eventually(condition: () => Promise<boolean>): Promise<void> {
  return waitUntil(condition, PATIENCE_MS, LOOK_EVERY_MS);
}

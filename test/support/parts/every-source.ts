/** The deployment with a source for each kind of sender, from outside. */
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { inject } from 'vitest';
import { awsEndpointAt, reachableUrl } from '../../../scripts/stack/aws-endpoint.ts';
import { outputOf } from '../../../scripts/stack/deployment.ts';
import { waitUntil } from '../../../scripts/stack/process.ts';
import { canonicalJson } from '../builders/exact-json.ts';
import { PrefectApi } from './prefect-api.ts';
import '../setup/provided.ts';

/** What a flow run of the deployment was given. */
export interface Delivery {
  readonly source: string;
  readonly type: string;
  readonly id: string;
  readonly data: unknown;
}

/** Long enough for the first deliveries of two dozen functions that are all cold. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 300;

const { outputs, uploadsQueueUrl, receiveDeliveriesId } = inject('everySourceDeployment');
const aws = awsEndpointAt(inject('awsEndpointUrl'));
const sqs = new SQSClient(aws);
const secretsManager = new SecretsManagerClient(aws);
const prefect = new PrefectApi(inject('prefectApiUrl'));

export function endpointOf(source: string): string {
  return reachableUrl(outputOf(outputs, `${outputPrefix(source)}Endpoint`), aws);
}

export async function post(
  source: string,
  request: {
    /** Of the URL that the sender was given, with its question mark; or empty. */
    readonly query: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { query, headers, body } = request;
  const response = await fetch(`${endpointOf(source)}${query}`, { method: 'POST', headers, body });
  // Some senders are answered without a body.
  const text = await response.text();
  const answer: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, body: answer };
}

export async function storeSecret(name: string, text: string): Promise<void> {
  try {
    await secretsManager.send(new CreateSecretCommand({ Name: name, SecretString: text }));
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
    await secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }));
  }
}

export async function sendUpload(body: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: uploadsQueueUrl, MessageBody: body }));
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html, unsigned: no emulator looks. */
export async function putEvents(
  ...entries: readonly { readonly source: string; readonly detailType: string; readonly detail: object }[]
): Promise<void> {
  const response = await fetch(aws.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSEvents.PutEvents',
      'authorization': `AWS4-HMAC-SHA256 Credential=${aws.credentials.accessKeyId}/20260101/${aws.region}/events/aws4_request`,
    },
    body: JSON.stringify({
      Entries: entries.map(({ source, detailType, detail }) => ({
        Source: source,
        DetailType: detailType,
        Detail: JSON.stringify(detail),
      })),
    }),
  });
  const answer: unknown = await response.json();
  if (!response.ok || JSON.stringify(answer).includes('ErrorCode')) {
    throw new Error(`EventBridge refused events: ${JSON.stringify(answer)}`);
  }
}

/** Messages that wait or are worked on in the queues of a source, dead letters included. */
export async function messageCount(source: string): Promise<number> {
  const prefix = outputPrefix(source);
  const counts = await Promise.all(
    [`${prefix}QueueUrl`, `${prefix}DeadLettersUrl`].map(async (output) => {
      const { Attributes: attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: outputOf(outputs, output),
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'ApproximateNumberOfMessagesDelayed',
          ],
        }),
      );
      return Object.values(attributes).reduce((sum, count) => sum + Number(count), 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

export function runCount(): Promise<number> {
  return prefect.countFlowRuns({ deploymentId: receiveDeliveriesId });
}

/** What is in flow runs, as far as this text is in it, in the order of their sources. */
export async function deliveriesWith(text: string): Promise<readonly Delivery[]> {
  const runs = await prefect.listFlowRuns({ deploymentId: receiveDeliveriesId });
  return runs
    .map(({ parameters }) => canonicalJson(parameters))
    .filter((json) => json.includes(text))
    .map((json) => (JSON.parse(json) as { readonly event: Delivery }).event)
    .sort((left, right) => (left.source < right.source ? -1 : 1));
}

export function eventually(condition: () => Promise<boolean>): Promise<void> {
  return waitUntil(condition, PATIENCE_MS, LOOK_EVERY_MS);
}

/** As the stack names its outputs. */
function outputPrefix(source: string): string {
  return source
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

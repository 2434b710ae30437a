/**
 * What `scripts/stack/ministack-launch.py` mends in the emulator. Its mends replace private names, so they
 * are shown to work; with another emulator (`AWS_ENDPOINT_URL`) this is what Sluice's tests need of it.
 */
import {
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { waitUntil } from '../../scripts/stack/process.ts';
import { emulatorTemplate } from '../support/parts/emulator-template.ts';

const endpoint = inject('awsEndpointUrl');
const sqs = new SQSClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const stackName = `mends-${String(Date.now())}`;
const outputs = new Map<string, string>();

function outputOf(name: string): string {
  const value = outputs.get(name);
  if (value === undefined) throw new Error(`The stack has no output ${name}.`);
  return value;
}

/** The emulator reads from the credential's scope which service is meant; it checks no signature. */
function authorizationFor(service: string): Record<string, string> {
  const scope = `test/20260101/us-east-1/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}

async function askCloudFormation(parameters: Record<string, string>): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: authorizationFor('cloudformation'),
    body: new URLSearchParams({ Version: '2010-05-15', StackName: stackName, ...parameters }),
  });
  return response.text();
}

async function askLambda(path: string): Promise<unknown> {
  const response = await fetch(`${endpoint}/${path}`, { headers: authorizationFor('lambda') });
  return response.json();
}

async function receiveBodies(queueUrl: string): Promise<readonly string[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  return Messages.flatMap(({ Body }) => Body ?? []);
}

/** Reads the queue until it has given a body that is wanted. */
async function receiveUntil(
  queueUrl: string,
  wanted: (bodies: readonly string[]) => boolean,
): Promise<string[]> {
  const bodies: string[] = [];
  await waitUntil(async () => {
    bodies.push(...(await receiveBodies(queueUrl)));
    return wanted(bodies);
  }, 60_000);
  return bodies;
}

beforeAll(async () => {
  const created = await askCloudFormation({
    'Action': 'CreateStack',
    'Capabilities.member.1': 'CAPABILITY_IAM',
    'TemplateBody': JSON.stringify(emulatorTemplate),
  });
  expect(created).toContain('<StackId>');
  let description = '';
  await waitUntil(async () => {
    description = await askCloudFormation({ Action: 'DescribeStacks' });
    return /<StackStatus>\w+_(COMPLETE|FAILED)</.test(description);
  }, 60_000);
  expect(description).toContain('<StackStatus>CREATE_COMPLETE<');
  const pairs = /<OutputKey>(.*?)<\/OutputKey>\s*<OutputValue>(.*?)<\/OutputValue>/gs;
  for (const [, key = '', value = ''] of description.matchAll(pairs)) outputs.set(key, value);
});

afterAll(async () => {
  await askCloudFormation({ Action: 'DeleteStack' });
});

describe('the AWS emulator', () => {
  it('keeps the reserved concurrency of a function', async () => {
    const concurrency = await askLambda(`2019-09-30/functions/${outputOf('FunctionName')}/concurrency`);
    expect(concurrency).toMatchObject({ ReservedConcurrentExecutions: 3 });
  });

  it('keeps what makes an event source mapping a Kafka mapping', async () => {
    const listed = await askLambda('2015-03-31/event-source-mappings');
    expect(listed).toMatchObject({
      EventSourceMappings: expect.arrayContaining([
        expect.objectContaining({
          UUID: outputOf('KafkaMappingId'),
          Topics: ['orders'],
          SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['127.0.0.1:9092'] } },
        }),
      ]) as unknown,
    });
  });

  it('collects more than ten messages into one batch within the batch window', async () => {
    for (const batch of ['a', 'b', 'c']) {
      const entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: batch }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: outputOf('QueueUrl'), Entries: entries }));
    }
    const totalOf = (sizes: readonly string[]): number => sizes.map(Number).reduce((a, b) => a + b, 0);
    const sizes = await receiveUntil(outputOf('ReportQueueUrl'), (bodies) => totalOf(bodies) === 30);
    expect(Math.max(...sizes.map(Number))).toBeGreaterThan(10);
  });

  it('fails the whole batch when the function answers with an empty message id, and can redrive it', async () => {
    const isBack = (bodies: readonly string[]): boolean => bodies.includes('answer malformed');
    await sqs.send(
      new SendMessageCommand({ QueueUrl: outputOf('QueueUrl'), MessageBody: 'answer malformed' }),
    );
    expect(await receiveUntil(outputOf('DeadLetterQueueUrl'), isBack)).toEqual(['answer malformed']);

    const SourceArn = outputOf('DeadLetterQueueArn');
    const movedCount = async (): Promise<number> => {
      await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
      const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
      return Results[0]?.ApproximateNumberOfMessagesMoved ?? 0;
    };
    // The message can be moved once it is visible again after it was received above.
    await waitUntil(async () => (await movedCount()) === 1, 60_000);
    expect(await receiveUntil(outputOf('DeadLetterQueueUrl'), isBack)).toEqual(['answer malformed']);
  });

  it('refuses to delay a message for more than 15 minutes', async () => {
    const sending = sqs.send(
      new SendMessageCommand({ QueueUrl: outputOf('QueueUrl'), MessageBody: 'late', DelaySeconds: 901 }),
    );
    await expect(sending).rejects.toThrow('DelaySeconds must be >= 0 and <= 900');
  });

  it('hides from HTTP callers what a handler threw', async () => {
    const url = `${endpoint}/_aws/execute-api/${outputOf('ApiId')}/$default/throws`;
    const response = await fetch(url, { method: 'POST' });
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"message":"Internal Server Error"}');
  });

  it('answers a preflight request as the API is configured', async () => {
    const url = `${endpoint}/_aws/execute-api/${outputOf('ApiId')}/$default/throws`;
    const response = await fetch(url, {
      method: 'OPTIONS',
      headers: { 'origin': 'https://example.com', 'access-control-request-method': 'POST' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://example.com');
    expect(response.headers.get('access-control-allow-methods')).toBe('POST');
  });
});

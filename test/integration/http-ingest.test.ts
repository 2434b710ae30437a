/** The exported handler as Lambda runs it: environment, bundled configuration, secret and queue are real. */
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { HttpIngestHandler } from '../../functions/http-ingest/http-ingest.ts';
import { QUEUE_URL_VARIABLE, SOURCE_VARIABLE } from '../../lib/compiled-config/environment.ts';
import { decodeRecord } from '../../lib/event/decode.ts';
import { originFromAttributes } from '../../lib/event/queue-message.ts';
import { makeCompiledConfig, makeHttpSource } from '../support/builders/compiled-config.ts';
import { jsonData } from '../support/builders/make-event.ts';
import { makeApiGatewayEvent } from '../support/builders/make-api-gateway-event.ts';
import { makeLambdaContext } from '../support/builders/make-lambda-context.ts';
import { SqsTestQueue, TEST_AWS } from '../support/parts/sqs-test-queue.ts';

const endpoint = inject('awsEndpointUrl');
const secretsManager = new SecretsManagerClient({ ...TEST_AWS, endpoint });
const secret = `sluice/test-${randomUUID()}`;
const source = makeHttpSource({ verify: { scheme: 'bearer', secret } });
const taskRoot = mkdtempSync(join(tmpdir(), 'sluice-'));

let queue: SqsTestQueue;
let handler: HttpIngestHandler;

beforeAll(async () => {
  queue = await SqsTestQueue.create(endpoint);
  await secretsManager.send(new CreateSecretCommand({ Name: secret, SecretString: 'first' }));
  const config = makeCompiledConfig([source]);
  writeFileSync(join(taskRoot, 'sluice.config.json'), JSON.stringify(config));
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: TEST_AWS.region,
    AWS_ACCESS_KEY_ID: TEST_AWS.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_AWS.credentials.secretAccessKey,
    LAMBDA_TASK_ROOT: taskRoot,
    [SOURCE_VARIABLE]: source.name,
    [QUEUE_URL_VARIABLE]: queue.queueUrl,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  ({ handler } = await import('../../functions/http-ingest/handler.ts'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(taskRoot, { recursive: true });
  await queue.delete();
});

async function post(token: string, body: string, contentType = 'application/json') {
  const headers = { 'authorization': `Bearer ${token}`, 'content-type': contentType };
  const {
    statusCode,
    headers: answerHeaders,
    body: answer = '',
  } = await handler(
    makeApiGatewayEvent({ headers, body: Buffer.from(body).toString('base64'), isBase64Encoded: true }),
    makeLambdaContext(),
  );
  const parsed: unknown = JSON.parse(answer);
  return { statusCode, headers: answerHeaders, answer: parsed };
}

describe('the HTTP ingest function', () => {
  it('has stored what it answered 202 to, ready to be decoded by the consumer of the queue', async () => {
    const body = '{"orderId": 9007199254740993, "note": "é 💧"}';
    const { statusCode, answer } = await post('first', body);

    const [message] = await queue.receive(1);
    const attributes = new Map(Object.entries(message?.attributes ?? {}));
    const origin = originFromAttributes(attributes);
    if (message === undefined || origin === undefined) throw new Error('the message has no origin');
    const record = { recordId: 'message', origin, body: message.body, headers: attributes, deliveryCount: 1 };
    const decoded = decodeRecord(record, source, makeCompiledConfig().limits);

    expect(statusCode).toBe(202);
    expect(decoded).toMatchObject({
      kind: 'events',
      events: [{ data: jsonData(body), origin: { kind: 'http', requestId: 'request-1', index: 0 } }],
    });
    expect(answer).toMatchObject({
      events:
        decoded.kind === 'events' ? decoded.events.map(({ id, source: from }) => ({ id, source: from })) : [],
    });
  });

  it('stores a batch of more than one request of SQS whole', async () => {
    const texts = Array.from({ length: 25 }, (_, index) => JSON.stringify({ index }));
    expect(await post('first', `[${texts.join(',')}]`)).toMatchObject({ statusCode: 202 });
    expect(await queue.receive(25)).toHaveLength(25);
  });

  it('refuses any other token', async () => {
    expect(await post('second', '{}')).toMatchObject({
      statusCode: 401,
      answer: { code: 'invalid-credentials' },
    });
  });

  it('answers 503 while SQS fails, also in part, and 202 to the same request afterwards', async () => {
    const sqs = mockClient(SQSClient);
    const unavailable = Object.assign(new Error('try later'), { name: 'ServiceUnavailable' });
    sqs.on(SendMessageBatchCommand).rejects(unavailable);
    expect(await post('first', '[1,2]')).toMatchObject({
      statusCode: 503,
      headers: { 'retry-after': '5' },
      answer: { code: 'queue-unavailable' },
    });
    sqs.on(SendMessageBatchCommand).resolves({
      Successful: [{ Id: '0', MessageId: 'm', MD5OfMessageBody: 'x' }],
      Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false }],
    });
    expect(await post('first', '[1,2]')).toMatchObject({ statusCode: 503 });
    sqs.restore();

    expect(await post('first', '[1,2]')).toMatchObject({ statusCode: 202 });
    expect(await queue.receive(2)).toHaveLength(2);
  });
});

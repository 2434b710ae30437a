/**
 * The lower bound: the whole job as cheaply as the AWS SDK allows. Decode, hash, claim 25 events per request, one POST
 * and one record per batch of up to 100 events. It treats every conflict as a duplicate, handles neither crashes nor
 * retries nor poison events nor filters, and is open to template injection. Do not use it for anything else.
 */
import {
  BatchExecuteStatementCommand,
  DynamoDBClient,
  type BatchStatementRequest,
  type BatchStatementResponse,
} from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { hash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { variable } from './environment.ts';

const STATEMENTS_PER_REQUEST = 25;
const EVENTS_PER_RUN = 100;
const RETAIN_SECONDS = 15 * 24 * 3600;

const table = variable('TABLE_NAME');
const createFlowRunUrl = new URL(
  `${variable('PREFECT_API_URL')}/deployments/${variable('DEPLOYMENT_ID')}/create_flow_run`,
);
const dynamodb = new DynamoDBClient({ cacheMiddleware: true });
const agent = new Agent({ keepAlive: true });

interface Claimed {
  readonly record: SQSRecord;
  readonly keyHash: Buffer;
}

export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const failed: string[] = [];
  const expires = { N: String(Math.floor(Date.now() / 1000) + RETAIN_SECONDS) };
  const invocation = hash('sha256', event.Records[0]?.messageId ?? '', 'base64url');

  const events = event.Records.map((record): Claimed => {
    const { orderId } = JSON.parse(record.body) as { orderId: string };
    return { record, keyHash: hash('sha256', orderId, 'buffer') };
  });
  const responses = await execute(
    events.map(({ keyHash }) => ({
      Statement: `INSERT INTO "${table}" VALUE {'pk': ?, 'b': ?, 'l': ?, 'expires': ?}`,
      Parameters: [{ S: `C#orders#${keyHash.toString('base64url')}` }, { S: invocation }, expires, expires],
    })),
  );
  const fresh = events.filter((claimed, index) => {
    const code = responses[index]?.Error?.Code;
    if (code !== undefined && code !== 'DuplicateItem') failed.push(claimed.record.messageId);
    return code === undefined;
  });

  const batches = chunked(fresh, EVENTS_PER_RUN);
  const flowRunIds = await Promise.all(
    batches.map((batch, index) =>
      createFlowRun(
        `{"parameters":{"orders":[${batch.map(({ record }) => record.body).join(',')}]},` +
          `"idempotency_key":"${invocation}.${index}"}`,
      ),
    ),
  );
  await execute(
    batches.map((batch, index) => ({
      Statement: `INSERT INTO "${table}" VALUE {'pk': ?, 'm': ?, 'f': ?, 'expires': ?}`,
      Parameters: [
        { S: `B#${invocation}.${index}` },
        { B: Buffer.concat(batch.map(({ keyHash }) => keyHash.subarray(0, 8))) },
        { S: flowRunIds[index] ?? '' },
        expires,
      ],
    })),
  );
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};

async function execute(statements: readonly BatchStatementRequest[]): Promise<BatchStatementResponse[]> {
  const outputs = await Promise.all(
    chunked(statements, STATEMENTS_PER_REQUEST).map((Statements) =>
      dynamodb.send(new BatchExecuteStatementCommand({ Statements })),
    ),
  );
  return outputs.flatMap((output) => output.Responses ?? []);
}

function createFlowRun(body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    request(createFlowRunUrl, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string };
        resolve(id);
      });
      response.on('error', reject);
    })
      .on('error', reject)
      .end(body);
  });
}

function chunked<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

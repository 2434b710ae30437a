/**
 * Stands before the DynamoDB emulator and counts. It asks for the consumed capacity in the client's place and
 * takes it out of the answer again, so that every side is measured alike, by nothing of its own, and no side
 * pays for it. (The emulator does not check signatures, which a changed body breaks.)
 */
import { Agent, request as sendRequest, type IncomingHttpHeaders } from 'node:http';
import { bodyOf, serveAndCount } from './counting-server.ts';

export interface DynamoDbCounts {
  readonly requests: number;
  readonly writeUnits: number;
  readonly requestsByOperation: Readonly<Record<string, number>>;
}

interface Capacity {
  readonly CapacityUnits?: number;
}

interface Answer {
  ConsumedCapacity?: Capacity | readonly Capacity[];
  readonly __type?: string;
}

const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);
const endpoint = process.env['EMULATOR_URL'] ?? '';
const agent = new Agent({ keepAlive: true });

let requests = 0;
let writeUnits = 0;
let requestsByOperation: Record<string, number> = {};

function count(operation: string, status: number, answer: Answer): void {
  requests += 1;
  requestsByOperation[operation] = (requestsByOperation[operation] ?? 0) + 1;
  if (READS.has(operation)) return;
  if (answer.__type?.endsWith('ConditionalCheckFailedException') === true) {
    // A failed condition is billed as a write of the item that is there; the items here are below 1 KiB.
    writeUnits += 1;
  } else if (status === 200) {
    const consumed = [answer.ConsumedCapacity ?? []].flat();
    writeUnits += consumed.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  }
}

interface Forwarded {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly answer: Answer;
}

function forward(headers: IncomingHttpHeaders, body: string): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    sendRequest(
      endpoint,
      { method: 'POST', agent, headers: { ...headers, 'content-length': length } },
      (response) => {
        bodyOf(response).then((text) => {
          const answer = JSON.parse(text) as Answer;
          resolve({ status: response.statusCode ?? 500, headers: response.headers, answer });
        }, reject);
      },
    )
      .on('error', reject)
      .end(body);
  });
}

serveAndCount(
  (request, response) => {
    const handle = async (): Promise<void> => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const body = JSON.parse(await bodyOf(request)) as object;
      const forwarded = await forward(
        request.headers,
        JSON.stringify({ ...body, ReturnConsumedCapacity: 'TOTAL' }),
      );
      count(operation, forwarded.status, forwarded.answer);
      delete forwarded.answer.ConsumedCapacity;
      response
        .writeHead(forwarded.status, { 'content-type': forwarded.headers['content-type'] })
        .end(JSON.stringify(forwarded.answer));
    };
    handle().catch((error: unknown) => response.writeHead(502).end(String(error)));
  },
  (): DynamoDbCounts => {
    const taken = { requests, writeUnits, requestsByOperation };
    requests = 0;
    writeUnits = 0;
    requestsByOperation = {};
    return taken;
  },
);

/**
 * A counting proxy in front of the DynamoDB emulator. It requests the consumed capacity instead of the client and
 * removes it from the response, so that all contenders are measured in the same way and none pays for the measurement.
 * (Changing the body breaks the signature, which the emulator does not check.)
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

interface DynamoDbResponse {
  ConsumedCapacity?: Capacity | readonly Capacity[];
  readonly __type?: string;
}

const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);
const endpoint = process.env['EMULATOR_URL'] ?? '';
const agent = new Agent({ keepAlive: true });

let requests = 0;
let writeUnits = 0;
let requestsByOperation: Record<string, number> = {};

function count(operation: string, status: number, result: DynamoDbResponse): void {
  requests += 1;
  requestsByOperation[operation] = (requestsByOperation[operation] ?? 0) + 1;
  if (READS.has(operation)) return;
  if (result.__type?.endsWith('ConditionalCheckFailedException') === true) {
    // A failed condition is billed as a write of the existing item; the items here are smaller than 1 KiB.
    writeUnits += 1;
  } else if (status === 200) {
    const consumed = [result.ConsumedCapacity ?? []].flat();
    writeUnits += consumed.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  }
}

interface Forwarded {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly result: DynamoDbResponse;
}

function forward(headers: IncomingHttpHeaders, body: string): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    sendRequest(
      endpoint,
      { method: 'POST', agent, headers: { ...headers, 'content-length': length } },
      (response) => {
        bodyOf(response).then((text) => {
          const result = JSON.parse(text) as DynamoDbResponse;
          resolve({ status: response.statusCode ?? 500, headers: response.headers, result });
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
      count(operation, forwarded.status, forwarded.result);
      delete forwarded.result.ConsumedCapacity;
      response
        .writeHead(forwarded.status, { 'content-type': forwarded.headers['content-type'] })
        .end(JSON.stringify(forwarded.result));
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

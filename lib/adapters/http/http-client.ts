/**
 * One HTTP request and its whole answer, over node:http and node:https. Not `fetch`: it costs three times the CPU
 * per request, and loading it is a good part of a cold start.
 */
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Ends the exchange wherever it is: connecting, waiting, or in the middle of the answer. */
  readonly signal: AbortSignal;
  readonly maxAnswerBytes: number;
}

export type HttpResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: IncomingMessage['headers'];
      readonly body: string;
    }
  /** Nothing is known of what the server did. `detail` names the cause and holds nothing of the request. */
  | { readonly kind: 'unanswered'; readonly detail: string };

type ConnectionPool = HttpAgent | HttpsAgent | false;

export class HttpClient {
  readonly #httpPool = new HttpAgent({ keepAlive: true });
  readonly #httpsPool = new HttpsAgent({ keepAlive: true });

  /** Safe for requests only that may reach the server twice. */
  async request(request: HttpRequest): Promise<HttpResult> {
    const pool = request.url.protocol === 'https:' ? this.#httpsPool : this.#httpPool;
    const answer = await attempt(request, pool);
    // While a Lambda function is frozen the server closes idle connections, which the client cannot notice. The
    // first request on such a connection fails through no fault of the server's; it gets a fresh connection.
    return answer.kind === 'stale-connection' ? notStale(await attempt(request, false)) : answer;
  }

  /** Closes idle connections, so that a process can end. */
  close(): void {
    this.#httpPool.destroy();
    this.#httpsPool.destroy();
  }
}

interface StaleConnection {
  readonly kind: 'stale-connection';
  readonly detail: string;
}

function notStale(answer: HttpResult | StaleConnection): HttpResult {
  return answer.kind === 'stale-connection' ? { kind: 'unanswered', detail: answer.detail } : answer;
}

async function attempt(request: HttpRequest, agent: ConnectionPool): Promise<HttpResult | StaleConnection> {
  const { method, url, signal, maxAnswerBytes } = request;
  const body = request.body === null ? null : Buffer.from(request.body);
  const headers =
    body === null ? request.headers : { ...request.headers, 'content-length': String(body.length) };
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const outgoing = send(url, { method, headers, agent, signal });
  let incoming: IncomingMessage | null = null;
  try {
    incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      // Both stay attached: an error after the response has begun arrives here too, and must not go unheard.
      outgoing.on('response', resolve).on('error', reject);
      outgoing.end(body ?? undefined);
    });
    const text = await readText(incoming, maxAnswerBytes);
    if (text === null) {
      return { kind: 'unanswered', detail: `the answer is longer than ${maxAnswerBytes} bytes` };
    }
    return { kind: 'answered', status: incoming.statusCode ?? 0, headers: incoming.headers, body: text };
  } catch (error) {
    if (signal.aborted) return { kind: 'unanswered', detail: 'the request timed out' };
    const code = connectionErrorCode(error);
    if (code === null) throw error;
    const isStale = incoming === null && outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
    return { kind: isStale ? 'stale-connection' : 'unanswered', detail: `the connection failed: ${code}` };
  }
}

/** Null when there is more of it; the connection is closed then. */
async function readText(incoming: IncomingMessage, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

/** Of a system, TLS or protocol error: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `HPE_INVALID_CONSTANT`. */
function connectionErrorCode(error: unknown): string | null {
  const isConnectionError = error instanceof Error && 'code' in error && typeof error.code === 'string';
  // ERR_ codes are Node's for a wrong call, but for those of its TLS layer.
  if (!isConnectionError || /^ERR_(?!TLS_|SSL_)/.test(String(error.code))) return null;
  return String(error.code);
}

/** An HTTP server on loopback that answers as the test tells it to, and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The client's port: requests on one connection have the same. */
  readonly clientPort: number;
}

/** Answers a request, or leaves it open. `seen` has its body already. */
export type Script = (seen: SeenRequest, response: ServerResponse) => void;

export interface ScriptedHttpServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

export async function startScriptedHttpServer(script: Script): Promise<ScriptedHttpServer> {
  const requests: SeenRequest[] = [];
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const seen: SeenRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
      clientPort: incoming.socket.remotePort ?? 0,
    };
    requests.push(seen);
    script(seen, response);
  };
  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a TCP port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}

/** A script that answers each request with the next of these, and all further ones with the last. */
export function answers(
  ...list: readonly { status: number; json?: unknown; headers?: Readonly<Record<string, string>> }[]
): Script {
  let index = 0;
  return (_seen, response) => {
    const { status, json, headers = {} } = list[Math.min(index++, list.length - 1)] ?? { status: 500 };
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(json === undefined ? '' : JSON.stringify(json));
  };
}

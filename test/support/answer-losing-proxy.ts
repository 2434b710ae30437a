/** An HTTP proxy in front of a server that can lose an answer: the server has done its work, and nobody hears of it. */
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';

export interface AnswerLosingProxy {
  /** The server's URL with the proxy's host and port. */
  readonly url: string;
  /** The next request reaches the server, its answer reaches nobody. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

export async function startAnswerLosingProxy(serverUrl: string): Promise<AnswerLosingProxy> {
  let loseNext = false;
  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    const isLost = loseNext;
    loseNext = false;
    const upstream = send(
      new URL(incoming.url ?? '/', serverUrl),
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        if (isLost) {
          answer.resume();
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    upstream.on('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a TCP port');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href.replace(/\/$/, ''),
    loseNextAnswer: () => {
      loseNext = true;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}

/** An HTTP proxy in front of a server, through which requests and answers get lost as its owner decides. */
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';

/** What becomes of one exchange. */
export type Trouble =
  | 'none'
  /** The connection ends before the server has heard of anything. */
  | 'lost-request'
  /** The server has done its work, and the connection ends before anybody hears of it. */
  | 'lost-answer'
  /** The same, and the connection stays open: whoever waits, waits until its time is up. */
  | 'silence'
  /** The server has heard of nothing, and this is the answer. */
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

export interface TroubledProxy {
  /** The server's URL with the proxy's host and port. */
  readonly url: string;
  close(): Promise<void>;
}

/** `troubleOf` is asked once for each request. */
export async function startTroubledProxy(
  serverUrl: string,
  troubleOf: () => Trouble,
): Promise<TroubledProxy> {
  const server = createServer((incoming, outgoing) => {
    const trouble = troubleOf();
    if (typeof trouble === 'object') answerWith(trouble, incoming, outgoing);
    else if (trouble === 'lost-request') incoming.destroy();
    else forward(serverUrl, incoming, outgoing, trouble);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a TCP port');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href.replace(/\/$/, ''),
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

function answerWith(
  { status, headers, body }: Extract<Trouble, object>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  incoming.resume().on('end', () => outgoing.writeHead(status, headers).end(body));
}

function forward(
  serverUrl: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  trouble: 'none' | 'lost-answer' | 'silence',
): void {
  const { method, headers, url = '/' } = incoming;
  const upstream = send(new URL(url, serverUrl), { method, headers }, (answer) => {
    if (trouble !== 'none') {
      answer.resume();
      if (trouble === 'lost-answer') outgoing.destroy();
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('error', () => outgoing.destroy()).pipe(outgoing);
  });
  upstream.on('error', () => outgoing.destroy());
  incoming.on('error', () => upstream.destroy()).pipe(upstream);
}

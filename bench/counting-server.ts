/**
 * HTTP servers that count their requests. Each runs in its own process, so that its work is in no CPU figure:
 * `serveAndCount` runs in that process, `startCountingServer` in the parent.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';

export interface CountingServer<Counts> {
  readonly url: string;
  /** The counts since the last call. */
  readonly takeCounts: () => Promise<Counts>;
  readonly stop: () => Promise<void>;
}

type Message<Counts> = { readonly url: string } | { readonly counts: Counts };

export async function startCountingServer<Counts>(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<CountingServer<Counts>> {
  const child = fork(script, { env: { ...environment }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const nextMessage = async (): Promise<Message<Counts>> => {
    const [message] = (await once(child, 'message')) as [Message<Counts>];
    return message;
  };

  const ready = await nextMessage();
  if (!('url' in ready)) throw new Error(`${script} did not report its URL`);
  return {
    url: ready.url,
    takeCounts: async () => {
      child.send('take counts');
      const message = await nextMessage();
      if (!('counts' in message)) throw new Error(`${script} returned no counts`);
      return message.counts;
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

/** Listen on a free loopback port until the parent exits; `takeCounts` reads the counts and resets them. */
export function serveAndCount(listener: RequestListener, takeCounts: () => object): void {
  const send = (message: Message<object>): void => {
    process.send?.(message);
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, listener).listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
    send({ url: `http://127.0.0.1:${address.port}` });
  });
  process.on('message', () => {
    send({ counts: takeCounts() });
  });
  process.on('disconnect', () => {
    process.exit(0);
  });
}

export async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

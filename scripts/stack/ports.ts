/** Ports that nobody listens on, so that two checkouts can run side by side. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** The system hands each free port out in turn, so one that was just closed is not soon given to others. */
export async function freeLoopbackPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return address.port;
}

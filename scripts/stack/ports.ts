/** Finds free ports, so that two checkouts can run side by side. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Let the system choose a free port. It cycles through all of them, so a closed port is not reused soon. */
export async function freeLoopbackPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The TCP server has no port.');
  return address.port;
}

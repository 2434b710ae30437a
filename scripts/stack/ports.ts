/** Ports that nobody listens on, so that two checkouts can run side by side. */
import { createServer } from 'node:net';

/** The system hands each free port out in turn, so one that was just closed is not soon given to others. */
export async function freeLoopbackPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return address.port;
}

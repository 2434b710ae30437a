/** A Prefect server that the tests, which run in other processes, can take away and bring back. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { makeTemporaryFolder } from '../../../scripts/stack/process.ts';
import { startPrefectServer, type PrefectServer } from '../../../scripts/stack/prefect-server.ts';

export interface RestartablePrefect {
  readonly apiUrl: string;
  /** `POST <url>/stop` and `POST <url>/start` answer when it is done. */
  readonly controlUrl: string;
  readonly stop: () => Promise<void>;
}

export async function startRestartablePrefect(): Promise<RestartablePrefect> {
  const databaseFolder = makeTemporaryFolder('prefect-database');
  let server: PrefectServer = await startPrefectServer({ services: true, databaseFolder });
  const { apiUrl } = server;
  const port = Number(new URL(apiUrl).port);

  const obey = async (command: string | undefined): Promise<number> => {
    if (command === '/stop') await server.stop();
    else if (command === '/start')
      server = await startPrefectServer({ services: true, databaseFolder, port });
    else return 404;
    return 204;
  };
  const control = createServer((request, response) => {
    void obey(request.url)
      .catch(() => 500)
      .then((status) => response.writeHead(status).end());
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  control.unref();
  const address = control.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return {
    apiUrl,
    controlUrl: `http://127.0.0.1:${String(address.port)}`,
    stop: async () => {
      control.close();
      await server.stop();
      rmSync(databaseFolder, { recursive: true, force: true });
    },
  };
}

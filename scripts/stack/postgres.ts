/** Starts a throw-away Postgres server with an empty database, if Postgres is installed. */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, globSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { plainEnvironment } from './paths.ts';
import { freeLoopbackPort } from './ports.ts';
import { makeTemporaryFolder, startProcess } from './process.ts';

export type Postgres =
  | {
      readonly kind: 'running';
      /** `postgresql://user@host:port/database`, without a password. */
      readonly url: string;
      readonly stop: () => Promise<void>;
    }
  | { readonly kind: 'absent'; readonly reason: string };

/** @throws {NotReadyError} */
export async function startPostgres(): Promise<Postgres> {
  const programs = findPrograms();
  if (programs === null) {
    return { kind: 'absent', reason: 'Postgres (initdb) is neither in /usr/lib/postgresql nor on the PATH.' };
  }
  const temporaryFolder = makeTemporaryFolder('postgres');
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  if (user !== undefined) chownSync(temporaryFolder, user.uid, user.gid);
  const environment = plainEnvironment(temporaryFolder);
  const dataFolder = join(temporaryFolder, 'data');
  execFileSync(
    join(programs, 'initdb'),
    ['-D', dataFolder, '-U', 'prefect', '-E', 'UTF8', '--locale=C', '--auth=trust', '--no-sync'],
    { cwd: temporaryFolder, env: environment, stdio: 'pipe', ...user },
  );
  const port = String(await freeLoopbackPort());
  const running = await startProcess({
    name: 'postgres',
    command: join(programs, 'postgres'),
    args: [
      ...['-D', dataFolder, '-p', port],
      // No socket files: their default folder may be missing or not writable.
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      ...['-c', 'fsync=off', '-c', 'max_connections=200'],
    ],
    environment,
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: async () => {
      execFileSync(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', port], { stdio: 'ignore' });
      return Promise.resolve(true);
    },
    // On SIGTERM it would wait until its clients disconnect.
    stopSignal: 'INT',
    ...(user === undefined ? {} : { user }),
  });
  return { kind: 'running', url: `postgresql://prefect@127.0.0.1:${port}/postgres`, stop: running.stop };
}

/** Find the programs of the server, which Debian does not add to the PATH. */
function findPrograms(): string | null {
  const onDebian = globSync('/usr/lib/postgresql/*/bin').sort((a, b) => versionOf(b) - versionOf(a));
  const onPath = (process.env['PATH'] ?? '').split(delimiter);
  return [...onDebian, ...onPath].find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

function versionOf(debianFolder: string): number {
  return Number.parseFloat(debianFolder.slice(dirname(dirname(debianFolder)).length + 1));
}

/** Postgres refuses to run as root, the user of most containers; the user `nobody` exists everywhere. */
function unprivilegedUser(): { readonly uid: number; readonly gid: number } {
  const idOf = (option: string): number =>
    Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Starts a real, self-hosted Prefect server (the PyPI package `prefect`). */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { localFolder, plainEnvironment, pythonProgram } from './paths.ts';
import { freeLoopbackPort } from './ports.ts';
import { respondsOk, makeTemporaryFolder, startProcess } from './process.ts';

export interface PrefectServerOptions {
  /**
   * With them runs go Late, automations fire, and there is the UI; they cost creates half their speed.
   * Default: false.
   */
  readonly services?: boolean;
  /** URL of an empty database: `postgresql://user@host:port/name`. Default: SQLite. */
  readonly postgresUrl?: string;
  /** Folder for a SQLite database that a later server can reuse. Default: it is deleted with the server. */
  readonly databaseFolder?: string;
  /** Default: a free port. */
  readonly port?: number;
}

export interface PrefectServer {
  /** The value of `PREFECT_API_URL`, with the trailing `/api`. */
  readonly apiUrl: string;
  readonly uiUrl: string;
  /** Also of its process group. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** @throws {NotReadyError} */
export async function startPrefectServer(options: PrefectServerOptions = {}): Promise<PrefectServer> {
  const services = options.services ?? false;
  const temporaryFolder = makeTemporaryFolder('prefect');
  const port = options.port ?? (await freeLoopbackPort());
  const uiUrl = `http://127.0.0.1:${String(port)}`;
  const apiUrl = `${uiUrl}/api`;
  const running = await startProcess({
    name: options.postgresUrl === undefined ? 'prefect-server' : 'prefect-server-postgres',
    command: pythonProgram('prefect'),
    args: [
      ...['server', 'start', '--host', '127.0.0.1', '--port', String(port)],
      ...(services ? [] : ['--no-ui', '--no-services']),
    ],
    environment: {
      ...prefectEnvironment(temporaryFolder),
      PREFECT_SERVER_DATABASE_CONNECTION_URL:
        options.postgresUrl === undefined
          ? await sqliteUrl(options.databaseFolder ?? temporaryFolder)
          : options.postgresUrl.replace(/^postgresql:/, 'postgresql+asyncpg:'),
      // Without it the pages in the browser use port 4200.
      PREFECT_UI_API_URL: apiUrl,
    },
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: () => respondsOk(`${apiUrl}/health`),
  });
  return { apiUrl, uiUrl, pid: running.pid, stop: running.stop };
}

/** The environment of a Prefect process: a separate home folder, and no telemetry. */
export function prefectEnvironment(homeFolder: string): Record<string, string> {
  return {
    ...plainEnvironment(homeFolder),
    PREFECT_HOME: homeFolder,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
    NO_COLOR: '1',
    // Flows are loaded from the work tree, which must not change.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/**
 * Return the URL of the database in this folder, which is created if it does not exist.
 * A path that contains `:memory:` gets a pool of one connection from Prefect, though it is a real file
 * (prefect/server/database/configurations.py). With more, SQLite responds with 503 to most concurrent creates.
 */
async function sqliteUrl(folder: string): Promise<string> {
  const file = join(folder, 'prefect:memory:.db');
  if (!existsSync(file)) cpSync(join(await makeSeed(), 'prefect.db'), file);
  return `sqlite+aiosqlite:///${file}`;
}

/** Create a migrated database once, and copy it for each server, because migrations take most of the first start. */
async function makeSeed(): Promise<string> {
  const { stdout } = await promisify(execFile)(pythonProgram('python'), [
    '-c',
    'from importlib.metadata import version; print(version("prefect"))',
  ]);
  const seedsFolder = join(localFolder, 'prefect-seed');
  const seed = join(seedsFolder, stdout.trim());
  if (existsSync(seed)) return seed;

  mkdirSync(seedsFolder, { recursive: true });
  const unfinished = mkdtempSync(join(seedsFolder, 'unfinished-'));
  await promisify(execFile)(pythonProgram('prefect'), ['server', 'database', 'upgrade', '--yes'], {
    env: prefectEnvironment(unfinished),
    timeout: 120_000,
  });
  try {
    renameSync(unfinished, seed);
  } catch (error) {
    // Another process was faster, with the same result.
    if (!existsSync(seed)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  return seed;
}

/** A real, self-hosted Prefect server (PyPI `prefect`). */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { localFolder, plainEnvironment, pythonProgram } from './paths.ts';
import { freeLoopbackPort } from './ports.ts';
import { answersOk, makeTemporaryFolder, startProcess } from './process.ts';

export interface PrefectServerOptions {
  /**
   * With them runs go Late, automations fire, and there is the UI; they cost creates half their speed.
   * Default: false.
   */
  readonly services?: boolean;
  /** `postgresql://user@host:port/name` of an empty database. Default: SQLite. */
  readonly postgresUrl?: string;
  /** Keeps the SQLite database, so that a later server can go on with it. Default: it is gone with the server. */
  readonly databaseFolder?: string;
  /** Default: a free one. */
  readonly port?: number;
}

export interface PrefectServer {
  /** With the trailing `/api`, as in `PREFECT_API_URL`. */
  readonly apiUrl: string;
  readonly uiUrl: string;
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
      // Without it the pages in the browser ask port 4200.
      PREFECT_UI_API_URL: apiUrl,
    },
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: () => answersOk(`${apiUrl}/health`),
  });
  return { apiUrl, uiUrl, stop: running.stop };
}

/** What every Prefect process gets: a home of its own and no telemetry. */
export function prefectEnvironment(homeFolder: string): Record<string, string> {
  return {
    ...plainEnvironment(homeFolder),
    PREFECT_HOME: homeFolder,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
    NO_COLOR: '1',
    // Flows are loaded from the work tree, which stays as it is.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/**
 * Of the database in this folder, which is made if there is none.
 * A path that contains `:memory:` gets a pool of one connection from Prefect, though it is a real file
 * (prefect/server/database/configurations.py). With more, SQLite answers 503 to most concurrent creates.
 */
async function sqliteUrl(folder: string): Promise<string> {
  const file = join(folder, 'prefect:memory:.db');
  if (!existsSync(file)) cpSync(join(await makeSeed(), 'prefect.db'), file);
  return `sqlite+aiosqlite:///${file}`;
}

/** Migrations take most of a first start: they run once, into a seed that every later server copies. */
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
    // Another process was first, with the same result.
    if (!existsSync(seed)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  return seed;
}

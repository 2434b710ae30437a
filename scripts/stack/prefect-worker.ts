/** Starts a Prefect worker that runs each flow run in a separate process. */
import { pythonProgram } from './paths.ts';
import { prefectEnvironment } from './prefect-server.ts';
import { makeTemporaryFolder, startProcess } from './process.ts';

export interface PrefectWorkerOptions {
  readonly apiUrl: string;
  /** The worker creates it if it does not exist. */
  readonly workPool: string;
}

export interface PrefectWorker {
  readonly stop: () => Promise<void>;
}

/** Start a worker, and wait until Prefect lists it as online. @throws {NotReadyError} */
export async function startPrefectWorker(options: PrefectWorkerOptions): Promise<PrefectWorker> {
  const temporaryFolder = makeTemporaryFolder('worker');
  const running = await startProcess({
    name: 'prefect-worker',
    command: pythonProgram('prefect'),
    args: ['worker', 'start', '--pool', options.workPool, '--type', 'process'],
    environment: {
      ...prefectEnvironment(temporaryFolder),
      PREFECT_API_URL: options.apiUrl,
      PREFECT_WORKER_QUERY_SECONDS: '1',
    },
    workingFolder: temporaryFolder,
    temporaryFolder,
    isReady: async () => {
      const response = await fetch(`${options.apiUrl}/work_pools/${options.workPool}/workers/filter`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"workers":{"status":{"any_":["ONLINE"]}}}',
      });
      const workers: unknown = await response.json();
      return response.ok && Array.isArray(workers) && workers.length > 0;
    },
  });
  return { stop: running.stop };
}

/** Registers flows with a Prefect server as a user does: `prefect deploy --all`, beside a prefect.yaml. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { pythonProgram } from './paths.ts';
import { prefectEnvironment } from './prefect-server.ts';
import { makeTemporaryFolder } from './process.ts';

export interface FlowProject {
  readonly apiUrl: string;
  /** Holds the prefect.yaml; the worker, which is on this machine, loads the flows from here. */
  readonly folder: string;
}

/** The work pools have to be there. @throws when Prefect's command line fails, with what it said */
export async function deployFlows({ apiUrl, folder }: FlowProject): Promise<void> {
  const homeFolder = makeTemporaryFolder('prefect-cli');
  try {
    await promisify(execFile)(pythonProgram('prefect'), ['--no-prompt', 'deploy', '--all'], {
      cwd: folder,
      env: { ...prefectEnvironment(homeFolder), PREFECT_API_URL: apiUrl },
      timeout: 120_000,
    });
  } finally {
    rmSync(homeFolder, { recursive: true });
  }
}

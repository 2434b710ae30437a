/** Registers flows with a Prefect server as a user does: `prefect deploy --all` next to a prefect.yaml. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { pythonProgram } from './paths.ts';
import { prefectEnvironment } from './prefect-server.ts';
import { makeTemporaryFolder } from './process.ts';

export interface FlowProject {
  readonly apiUrl: string;
  /** The folder with the prefect.yaml; the worker loads the flows from here. */
  readonly folder: string;
}

/** Deploy all flows; their work pools have to exist. @throws if `prefect deploy` fails, with its output */
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

/** End-to-end tests share two deployments of the app, and a worker executes the flow runs. */
import type { TestProject } from 'vitest/node';
import { awsEndpointAt } from '../../../scripts/stack/aws-endpoint.ts';
import { bootstrapCdk } from '../../../scripts/stack/deployment.ts';
import { startPrefectWorker } from '../../../scripts/stack/prefect-worker.ts';
import { deployForTests } from './e2e-deployment.ts';
import { deployEverySource } from './every-source-deployment.ts';
import { awsEmulator, startParts, type Part } from './parts.ts';
import { startRestartablePrefect } from './restartable-prefect.ts';

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const stop = await startParts(project, [prefectServerAndWorker, bootstrappedAws]);
  const { awsEndpointUrl, prefectApiUrl, prefectWorkPool } = project.getProvidedContext();
  const [e2eDeployment, everySourceDeployment] = await Promise.all([
    deployForTests(awsEndpointUrl, prefectApiUrl, prefectWorkPool),
    deployEverySource(awsEndpointUrl, prefectApiUrl),
  ]);
  project.provide('e2eDeployment', e2eDeployment);
  project.provide('everySourceDeployment', everySourceDeployment);
  return stop;
}

const bootstrappedAws: Part = async (project) => {
  const stop = await awsEmulator(project);
  await bootstrapCdk(awsEndpointAt(project.getProvidedContext().awsEndpointUrl));
  return stop;
};

/** With services, and a worker that executes the runs of a work pool. */
const prefectServerAndWorker: Part = async (project) => {
  const given = process.env['PREFECT_API_URL'];
  const workPool = process.env['SLUICE_WORK_POOL'] ?? 'local';
  project.provide('prefectWorkPool', workPool);
  if (given !== undefined) {
    project.provide('prefectApiUrl', given);
    project.provide('prefectControlUrl', null);
    return () => Promise.resolve();
  }
  const server = await startRestartablePrefect();
  const worker = await startPrefectWorker({ apiUrl: server.apiUrl, workPool });
  project.provide('prefectApiUrl', server.apiUrl);
  project.provide('prefectControlUrl', server.controlUrl);
  return async () => {
    await worker.stop();
    await server.stop();
  };
};

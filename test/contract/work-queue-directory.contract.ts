/** What every WorkQueueDirectory promises, and why it has to be asked: Prefect creates queues that are not there. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContractDeployment, PrefectContractParts } from '../support/parts/prefect-contract-parts.ts';

const TIMEOUT_MS = 30_000;

export function defineWorkQueueDirectoryContract(
  name: string,
  make: () => Promise<PrefectContractParts>,
): void {
  describe(`a directory of work queues on ${name}`, () => {
    let prefect: PrefectContractParts;
    let deployment: ContractDeployment;
    let workPool = '';

    beforeAll(async () => {
      prefect = await make();
      workPool = await prefect.createWorkPool();
      deployment = await prefect.createDeployment({ workPool });
    });

    afterAll(async () => {
      await prefect.close();
    });

    const find = (deploymentId: string, queue: string) =>
      prefect.workQueues.findWorkQueue(deploymentId, queue, TIMEOUT_MS);

    test('a queue of the pool is found, and looking for another one does not create it', async () => {
      const queue = `high ?#+é ${randomUUID()}`;
      expect(await find(deployment.deploymentId, 'default')).toEqual({ kind: 'found' });
      expect(await find(deployment.deploymentId, queue)).toEqual({ kind: 'not-found', workPool });
      expect(await prefect.listWorkQueues(workPool)).not.toContain(queue);
      await prefect.createWorkQueue(workPool, queue);
      expect(await find(deployment.deploymentId, queue)).toEqual({ kind: 'found' });
    });

    test('a deployment that was deleted differs from a queue that is missing', async () => {
      const { deploymentId } = await prefect.createDeployment({ workPool });
      await prefect.deleteDeployment(deploymentId);
      expect(await find(deploymentId, 'default')).toEqual({ kind: 'deployment-gone' });
    });
  });
}

/** What every FlowRunInspector promises. */
import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deploymentRefOfId } from '../../lib/prefect/deployment-ref.ts';
import { deadRunRequest, liveRunRequest } from '../../lib/prefect/flow-run-request.ts';
import type { PrefectContractParts } from '../support/parts/prefect-contract-parts.ts';

const TIMEOUT_MS = 30_000;
const MEMBERS = ['AAAAAAAAAAA', 'BBBBBBBBBBA'];

export function defineFlowRunInspectorContract(
  name: string,
  make: () => Promise<PrefectContractParts>,
): void {
  describe(`the inspection of flow runs on ${name}`, () => {
    let prefect: PrefectContractParts;
    let deploymentId = '';

    beforeAll(async () => {
      prefect = await make();
      ({ deploymentId } = await prefect.createDeployment());
    });

    afterAll(async () => {
      await prefect.close();
    });

    const newBatchId = (): string =>
      `${deploymentRefOfId(deploymentId)}.${hash('sha256', randomUUID(), 'base64url')}`;
    const common = (batchId: string) => ({
      batchId,
      routeName: 'process-orders',
      routeTags: [],
      configHash: '0123456789abcdef',
      flushReason: 'invocation',
      timeoutMs: TIMEOUT_MS,
    });

    test('finds the run of a batch, with its route, its events and its state', async () => {
      const batchId = newBatchId();
      const created = await prefect.client.createFlowRun(
        liveRunRequest({ ...common(batchId), members: MEMBERS, parametersJson: '{}' }),
      );
      if (created.kind !== 'run') throw new Error(`no run: ${created.kind}`);
      const { flowRunId } = created.record;
      const byBatch = await prefect.inspector.findFlowRunOfBatch(batchId, TIMEOUT_MS);
      expect(byBatch).toMatchObject({
        kind: 'run',
        run: {
          flowRunId,
          batchId,
          route: 'process-orders',
          members: MEMBERS,
          stateType: 'SCHEDULED',
          startedAt: null,
        },
      });
      expect(await prefect.inspector.readFlowRun(flowRunId, TIMEOUT_MS)).toEqual(byBatch);
      if (byBatch.kind === 'run') expect(Date.parse(byBatch.run.createdAt)).not.toBeNaN();
    });

    test('reads why a dead run never executes', async () => {
      const batchId = newBatchId();
      await prefect.client.createFlowRun(
        deadRunRequest({
          ...common(batchId),
          member: 'AAAAAAAAAAA',
          deadCode: 'refused-by-prefect',
          detail: 'a reason',
        }),
      );
      const found = await prefect.inspector.findFlowRunOfBatch(batchId, TIMEOUT_MS);
      expect(found).toMatchObject({
        kind: 'run',
        run: { stateType: 'CANCELLED', stateName: 'DeadLettered' },
      });
      if (found.kind === 'run') expect(found.run.stateMessage).toContain('a reason');
    });

    test('finds nothing where there is nothing', async () => {
      expect(await prefect.inspector.findFlowRunOfBatch(newBatchId(), TIMEOUT_MS)).toEqual({ kind: 'none' });
      expect(await prefect.inspector.readFlowRun(randomUUID(), TIMEOUT_MS)).toEqual({ kind: 'none' });
    });
  });
}

/** What every FlowRunCounter promises. */
import { hash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deploymentRefOfId } from '../../lib/prefect/deployment-ref.ts';
import { liveRunRequest } from '../../lib/prefect/flow-run-request.ts';
import { idempotencyKeyOf } from '../../lib/prefect/idempotency-key.ts';
import type { PrefectContractParts } from '../support/parts/prefect-contract-parts.ts';

const TIMEOUT_MS = 30_000;

export function defineFlowRunCounterContract(name: string, make: () => Promise<PrefectContractParts>): void {
  describe(`a count of flow runs on ${name}`, () => {
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

    async function createRun(batchId: string): Promise<string> {
      const answer = await prefect.client.createFlowRun(
        liveRunRequest({
          batchId,
          routeName: 'process-orders',
          routeTags: [],
          configHash: '0123456789abcdef',
          members: ['AAAAAAAAAAA'],
          flushReason: 'invocation',
          parametersJson: '{}',
          timeoutMs: TIMEOUT_MS,
        }),
      );
      if (answer.kind !== 'run') throw new Error(`no run: ${answer.kind}`);
      return answer.record.flowRunId;
    }

    test('is of those that are there, and not of those that were deleted', async () => {
      const batchIds = [newBatchId(), newBatchId(), newBatchId()];
      const [gone = ''] = await Promise.all(batchIds.slice(0, 2).map(createRun));
      const keys = batchIds.map(idempotencyKeyOf);
      expect(await prefect.counter.countFlowRuns(keys, TIMEOUT_MS)).toEqual({ kind: 'count', count: 2 });
      await prefect.deleteFlowRun(gone);
      expect(await prefect.counter.countFlowRuns(keys, TIMEOUT_MS)).toEqual({ kind: 'count', count: 1 });
    });

    test('counts the deployments that exist, and not those that never did', async () => {
      const count = await prefect.counter.countDeployments([deploymentId, randomUUID()], TIMEOUT_MS);
      expect(count).toEqual({ kind: 'count', count: 1 });
    });

    test('takes a hundred keys at once', async () => {
      const keys = Array.from({ length: 100 }, () => idempotencyKeyOf(newBatchId()));
      expect(await prefect.counter.countFlowRuns(keys, TIMEOUT_MS)).toEqual({ kind: 'count', count: 0 });
    });
  });
}

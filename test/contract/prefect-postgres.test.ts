/** What only Postgres shows. It is what a Prefect server in production runs on. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import '../support/setup/provided.ts';
import type { FlowRunRequest } from '../../lib/ports.ts';
import { deploymentRefOfId } from '../../lib/prefect/deployment-ref.ts';
import { liveRunRequest } from '../../lib/prefect/flow-run-request.ts';
import { renderParameters } from '../../lib/prefect/parameters.ts';
import { realPrefectParts, type PrefectContractParts } from '../support/parts/prefect-contract-parts.ts';
import { defineFlowRunClientContract } from './flow-run-client.contract.ts';
import { defineFlowRunCounterContract } from './flow-run-counter.contract.ts';
import { defineFlowRunInspectorContract } from './flow-run-inspector.contract.ts';
import { defineParametersContract } from './parameters.contract.ts';
import { defineWorkPoolContract } from './work-pool.contract.ts';

const apiUrl = inject('prefectPostgresApiUrl');

if (apiUrl === null) {
  test.skip('Postgres is not installed here: install the Debian package postgresql to run its contract', () => {
    expect.unreachable();
  });
} else {
  defineFlowRunClientContract('Prefect with Postgres', () => realPrefectParts(apiUrl));
  defineFlowRunCounterContract('Prefect with Postgres', () => realPrefectParts(apiUrl));
  defineFlowRunInspectorContract('Prefect with Postgres', () => realPrefectParts(apiUrl));
  defineParametersContract('Prefect with Postgres', () => realPrefectParts(apiUrl));
  defineWorkPoolContract('Prefect with Postgres', apiUrl);
  describePoison(apiUrl);
}

function describePoison(url: string): void {
  describe('input that Postgres cannot store', () => {
    let prefect: PrefectContractParts;
    let deploymentId: string;

    beforeAll(async () => {
      prefect = await realPrefectParts(url);
      ({ deploymentId } = await prefect.createDeployment());
    });

    afterAll(async () => {
      await prefect.close();
    });

    const requestWith = (text: string): FlowRunRequest =>
      liveRunRequest({
        batchId: `${deploymentRefOfId(deploymentId)}.${randomBytes(32).toString('base64url')}`,
        routeName: 'poison',
        routeTags: [],
        configHash: '0123456789abcdef',
        members: [randomBytes(8).toString('base64url')],
        flushReason: 'invocation',
        parametersJson: renderParameters(new Map([['value', { text, as: 'json' }]])),
        timeoutMs: 30_000,
      });

    test.each([
      ['a NUL in a value', '["a\\u0000b"]'],
      ['a NUL in a name', '{"a\\u0000b":1}'],
      ['a lone surrogate', '["\\ud800"]'],
    ])(
      '%s looks like an outage for ever, makes no run, and spoils nothing for the next',
      async (_title, text) => {
        const poison = requestWith(text);

        const first = await prefect.client.createFlowRun(poison);
        const second = await prefect.client.createFlowRun(poison);

        expect([first, second]).toMatchObject([
          { kind: 'unavailable', status: 503 },
          { kind: 'unavailable', status: 503 },
        ]);
        expect(await prefect.client.findFlowRun(poison.idempotencyKey, 30_000)).toEqual({ kind: 'none' });
        const harmless = {
          ...requestWith('[]'),
          idempotencyKey: poison.idempotencyKey,
          labels: poison.labels,
        };
        expect((await prefect.client.createFlowRun(harmless)).kind).toBe('run');
      },
    );
  });
}

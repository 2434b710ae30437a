/** A real process is killed between any two effects, and what it held is delivered again in other groups. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, inject, it } from 'vitest';
import type { CompiledCoalescing } from '../../lib/config/compiled.ts';
import { runPipeline } from '../../lib/pipeline.ts';
import type { InvocationTerms } from '../crash/invocation.ts';
import { PLENTY_OF_TIME, sqsRecord } from '../support/pipeline-parts.ts';
import { PrefectApi } from '../support/prefect-api.ts';
import { eventIdsInRuns } from '../support/prefect-runs.ts';
import { realPipeline, type RealPipelineTerms } from '../support/real-pipeline.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/temporary-table.ts';

const dynamodbUrl = inject('awsEndpointUrl');
const prefectApiUrl = inject('prefectApiUrl');
const prefect = new PrefectApi(prefectApiUrl);
const tables = new TemporaryTables(dynamoDbClientFor(dynamodbUrl));
afterAll(() => tables.deleteAll());

const IDS = ['a', 'b', 'c', 'd'];
const INVOCATION: CompiledCoalescing = { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 400_000 };
/** Happy path: claims, creates, records; each effect can be cut off before or after. */
const SCHEDULES = [
  { coalesce: INVOCATION, effects: 3 },
  { coalesce: { mode: 'none' } as const, effects: 6 },
].flatMap(({ coalesce, effects }) =>
  Array.from({ length: effects }, (_, index) => index + 1).flatMap((effect) =>
    (['before', 'after'] as const).map((when) => ({ mode: coalesce.mode, coalesce, effect, when })),
  ),
);

describe('a process that is killed', () => {
  it.each(SCHEDULES)(
    '$when effect $effect in mode $mode leaves every event in exactly one run',
    async ({ coalesce, effect, when }) => {
      const flow = `crash-${randomUUID()}`;
      const deploymentId = await prefect.createDeployment({ flow, deployment: 'prod' });
      const tableName = await tables.create();
      const terms = { dynamodbUrl, tableName, prefectApiUrl, flow, coalesce, clockAheadMs: 0 };

      const killed = await invoke({ pipeline: terms, ids: IDS, deliveryCount: 1, kill: { effect, when } });
      expect(killed.signal).toBe('SIGKILL');

      await redeliver(terms, [['a'], ['b', 'c', 'd'], ['c', 'a']]);
      expect(await eventIdsInRuns(prefect, deploymentId)).toEqual(IDS);
    },
  );

  it('would be noticed: an invocation that is not killed makes the runs itself', async () => {
    const flow = `crash-${randomUUID()}`;
    const deploymentId = await prefect.createDeployment({ flow, deployment: 'prod' });
    const tableName = await tables.create();
    const terms = { dynamodbUrl, tableName, prefectApiUrl, flow, coalesce: INVOCATION, clockAheadMs: 0 };
    const survived = await invoke({ pipeline: terms, ids: IDS, deliveryCount: 1, kill: null });
    expect(survived).toEqual({ signal: null, output: `${JSON.stringify(IDS.map(() => 'created'))}\n` });
    expect(await eventIdsInRuns(prefect, deploymentId)).toEqual(IDS);
  });
});

/** Two minutes later, so that leases are over; in these groups, and then all once more. */
async function redeliver(terms: RealPipelineTerms, groups: readonly (readonly string[])[]): Promise<void> {
  const pipeline = realPipeline({ ...terms, clockAheadMs: 120_000 });
  for (const ids of [...groups, IDS]) {
    const records = ids.map((id) => sqsRecord(`message-${id}`, `{"id":"${id}"}`, 2));
    const outcomes = await runPipeline(records, pipeline, PLENTY_OF_TIME);
    for (const { outcome } of outcomes) expect(['created', 'duplicate']).toContain(outcome.kind);
  }
  pipeline.close();
}

async function invoke(terms: InvocationTerms): Promise<{ signal: string | null; output: string }> {
  const child = spawn(process.execPath, ['test/crash/invocation.ts', JSON.stringify(terms)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { signal: child.signalCode, output };
}

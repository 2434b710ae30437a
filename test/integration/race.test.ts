/** Invocations that run at the same time, on overlapping deliveries, against real engines. */
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { runPipeline } from '../../lib/pipeline.ts';
import { PLENTY_OF_TIME, sqsRecord } from '../support/builders/pipeline-parts.ts';
import { PrefectApi } from '../support/parts/prefect-api.ts';
import { eventIdsInRuns } from '../support/parts/prefect-runs.ts';
import { realPipeline } from '../support/parts/real-pipeline.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';

const dynamodbUrl = inject('awsEndpointUrl');
const prefectApiUrl = inject('prefectApiUrl');
const tables = new TemporaryTables(dynamoDbClientFor(dynamodbUrl));
afterAll(() => tables.deleteAll());

const IDS = Array.from({ length: 60 }, (_, index) => `event-${String(index).padStart(2, '0')}`);
const INVOCATIONS = 8;

describe('invocations at the same time, each with half of all events in an order of its own', () => {
  it.each([
    { mode: 'invocation', key: null, maxEvents: 7, maxBytes: 400_000 } as const,
    { mode: 'none' } as const,
  ])('put every event into exactly one run in mode $mode', async (coalesce) => {
    const flow = `race-${randomUUID()}`;
    const prefect = new PrefectApi(prefectApiUrl);
    const deploymentId = await prefect.createDeployment({ flow, deployment: 'prod' });
    const context = { dynamodbUrl, tableName: await tables.create(), prefectApiUrl, flow, coalesce };

    const deliver = async (ids: readonly string[], deliveryCount: number): Promise<string[]> => {
      const pipeline = realPipeline({ ...context, clockAheadMs: (deliveryCount - 1) * 120_000 });
      const records = ids.map((id) => sqsRecord(`message-${id}`, `{"id":"${id}"}`, deliveryCount));
      const outcomes = await runPipeline(records, pipeline, PLENTY_OF_TIME);
      pipeline.close();
      return outcomes.map(({ outcome }) => outcome.kind);
    };
    const deal = (round: number): readonly (readonly string[])[] =>
      Array.from({ length: INVOCATIONS }, (_, invocation) =>
        IDS.filter((_id, index) => (index * 7 + invocation * 5 + round) % INVOCATIONS < INVOCATIONS / 2),
      );

    await Promise.all(deal(0).map((ids) => deliver(ids, 1)));
    await Promise.all(deal(3).map((ids) => deliver(ids, 2)));
    const last = await deliver(IDS, 3);

    expect(new Set(last)).toEqual(new Set(['duplicate']));
    expect(await eventIdsInRuns(prefect, deploymentId)).toEqual(IDS);
  });
});

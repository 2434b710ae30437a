import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, it, vi } from 'vitest';
import { createReconcileHandler } from '../../../functions/reconcile/reconcile.ts';
import { makeLambdaContext } from '../../support/builders/make-lambda-context.ts';
import { sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';
import { ReconcileParts } from '../../support/builders/reconcile-parts.ts';

const WINDOW = {
  mode: 'window',
  maxWaitSeconds: 10,
  bypassWhen: null,
  key: null,
  maxEvents: 9,
  maxBytes: 9_000,
} as const;
const SWEEP = { sluiceReconcile: 1, scope: 'windows', dryRun: false };

/** A handler over a table with one window whose timer was lost. */
async function makeHandler() {
  const parts = new ReconcileParts(sqsConfig({ coalesce: WINDOW }));
  await parts.run([sqsRecord('m1', '{"id":"a"}')]);
  parts.nowEpochMs += 100_000;
  const { installation, reconcilePorts, flushingPorts } = parts;
  const metrics = new Metrics({ namespace: 'Sluice', serviceName: 'reconcile' });
  const addMetric = vi.spyOn(metrics, 'addMetric');
  const handler = createReconcileHandler({
    installation,
    config: parts.config,
    ports: reconcilePorts,
    flushingPorts,
    logger: new Logger({ logLevel: 'SILENT' }),
    metrics,
  });
  const counts = () => Object.fromEntries(addMetric.mock.calls.map(([name, , value]) => [name, value]));
  return { parts, handler, counts };
}

describe('the function that reconciles', () => {
  it('flushes overdue windows on a schedule, and logs and counts them', async () => {
    const { parts, handler, counts } = await makeHandler();
    const answer = await handler(SWEEP, makeLambdaContext());
    expect(answer).toMatchObject({
      sluiceReconcile: 1,
      dryRun: false,
      windows: { overdue: 1, swept: 1 },
      claims: null,
      nextKey: null,
    });
    expect(parts.orders).toEqual([[{ id: 'a' }]]);
    expect(counts()).toEqual({ WindowsOverdue: 0, WindowsSwept: 1, WindowsFlushed: 1, EventsCreated: 1 });
  });

  it('counts windows that stay overdue, for the alarm', async () => {
    const { parts, handler, counts } = await makeHandler();
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    await handler(SWEEP, makeLambdaContext());
    expect(counts()).toMatchObject({ WindowsOverdue: 1, WindowsSwept: 0 });
  });

  it('counts nothing and changes nothing in a dry run of the function', async () => {
    const { parts, handler, counts } = await makeHandler();
    const before = parts.everything;
    const answer = await handler({ ...SWEEP, scope: 'everything', dryRun: true }, makeLambdaContext());
    expect(answer).toMatchObject({ dryRun: true, windows: { overdue: 1, swept: 0 }, claims: { settled: 1 } });
    expect([counts(), parts.everything]).toEqual([{}, before]);
  });

  it('refuses an invalid reconcile request, and describes a valid one', async () => {
    const { handler } = await makeHandler();
    await expect(handler({ source: 'aws.events' }, makeLambdaContext())).rejects.toMatchObject({
      name: 'ReconcileRequestError',
      message: expect.stringContaining('"scope": "windows" or "everything"') as string,
    });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextBatchId } from '../../../lib/batching/batch-id.ts';
import { memberOfClaim } from '../../../lib/routing/member.ts';
import type { ReconcileReport } from '../../../lib/reconcile/findings.ts';
import { reconcile } from '../../../lib/reconcile/reconcile.ts';
import { makeRoute } from '../../support/builders/compiled-config.ts';
import { sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';
import { ReconcileParts } from '../../support/builders/reconcile-parts.ts';
import { deliverUnder } from '../../support/builders/redeployment.ts';

const ROUTE = { dedupe: { key: 'event.data.id', retentionSeconds: 1_296_000 } };
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function makeParts(): ReconcileParts {
  return new ReconcileParts(sqsConfig(ROUTE));
}

function receive(parts: ReconcileParts, ids: readonly string[], deliveryCount = 1) {
  return parts.run(ids.map((id) => sqsRecord(`message ${id}`, JSON.stringify({ id }), deliveryCount)));
}

/** Events in runs, sorted; one that is in two runs is there twice. */
function idsInRuns(parts: ReconcileParts): readonly string[] {
  return parts.orders.flatMap((orders) => (orders as readonly { id: string }[]).map(({ id }) => id)).sort();
}

function countsOf({ claims }: ReconcileReport): Readonly<Record<string, number>> {
  const counts = Object.entries(claims ?? {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe('reconciling claims', () => {
  it('finds nothing to reconcile after a pipeline without faults', async () => {
    const parts = makeParts();
    await receive(parts, ['a', 'b', 'c']);
    parts.letLeasesEnd();
    const report = await parts.reconcile();
    expect(countsOf(report)).toEqual({ settled: 3, runsFound: 1 });
    expect(report.claims?.findings).toEqual([]);
  });

  it('writes the record of a run whose worker died before it recorded the run', async () => {
    const parts = makeParts();
    parts.prefect.planCreates('lost');
    await receive(parts, ['a', 'b']);
    expect(parts.records.records.size).toBe(0);
    parts.letLeasesEnd();

    const report = await parts.reconcile({ maxPages: null });

    const [run] = parts.prefect.flowRuns;
    expect(countsOf(report)).toEqual({ recordMissing: 2, recordsWritten: 1 });
    expect(report.claims?.findings).toMatchObject([
      { kind: 'record-missing', events: 2, flowRunId: run?.flowRunId, detail: 'its record was written now' },
    ]);
    expect(countsOf(await parts.reconcile())).toEqual({ settled: 2, runsFound: 1 });
    // Now the run may even be deleted: its events are known to have been in it.
    parts.prefect.deleteFlowRun(run?.flowRunId ?? '');
    const outcomes = await receive(parts, ['a', 'b'], 2);
    expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(['duplicate', 'duplicate']);
  });

  it('writes records that outlive every claim of their batch', async () => {
    const parts = makeParts();
    parts.prefect.planCreates('lost');
    await receive(parts, ['a', 'b']);
    parts.nowEpochMs += DAY_MS;
    await parts.reconcile();
    const [record] = parts.records.records.values();
    const madeNow = parts.nowEpochMs / 1_000 + ROUTE.dedupe.retentionSeconds;
    expect(record?.expiresAtEpochSeconds).toBeGreaterThan(madeNow);
  });

  it('does not report events that a worker may be processing', async () => {
    const parts = makeParts();
    parts.prefect.planCreates({ status: 502 });
    await receive(parts, ['a']);
    const report = await parts.reconcile();
    expect(countsOf(report)).toEqual({ inFlight: 1 });
  });

  it('reports events that were claimed and are in no run, that they are stuck after an hour, and unrecoverable after two weeks', async () => {
    const parts = makeParts();
    parts.prefect.planCreates({ status: 502 });
    await receive(parts, ['a', 'b']);
    const before = parts.everything;
    parts.letLeasesEnd();

    const soon = await parts.reconcile();
    parts.nowEpochMs += HOUR_MS;
    const stuck = await parts.reconcile();
    parts.nowEpochMs += 14 * DAY_MS;
    const late = await parts.reconcile();

    expect(countsOf(soon)).toEqual({ uncreated: 2 });
    expect(soon.claims?.findings).toMatchObject([
      { kind: 'uncreated', route: 'process-orders', events: 2, isUnrecoverable: false, flowRunId: null },
    ]);
    expect(new Set(soon.claims?.findings[0]?.claimKeys)).toEqual(new Set(parts.claims.claims.keys()));
    expect(countsOf(stuck)).toEqual({ uncreated: 2, stuck: 2 });
    expect(countsOf(late)).toEqual({ uncreated: 2, stuck: 2, unrecoverable: 2 });
    expect(late.claims?.findings).toMatchObject([{ kind: 'uncreated', isUnrecoverable: true }]);
    expect(parts.everything).toBe(before);
  });

  it("reports events that their batch's run excludes", async () => {
    const parts = makeParts();
    await receive(parts, ['a']);
    const [claim] = parts.claims.claims.values();
    if (claim === undefined) throw new Error('nothing was claimed');
    const claimKey = `C#process-orders#${'A'.repeat(43)}`;
    parts.claims.claims.set(claimKey, { ...claim, claimKey });
    parts.letLeasesEnd();
    const report = await parts.reconcile();
    expect(countsOf(report)).toEqual({ settled: 1, excluded: 1, runsFound: 1 });
    expect(report.claims?.findings).toMatchObject([{ kind: 'excluded', events: 1, claimKeys: [claimKey] }]);
  });

  it('reports events that were not added to their window, without asking Prefect for a run of their batch', async () => {
    const parts = makeParts();
    const member = memberOfClaim(`C#process-orders#${'A'.repeat(43)}`);
    const batchId = nextBatchId(
      'A'.repeat(22),
      { installation: 'table', route: 'process-orders', destination: 'window' },
      [member],
      [],
    );
    const nowEpochSeconds = Math.floor(parts.nowEpochMs / 1_000);
    parts.claims.claims.set(member.claimKey, {
      claimKey: member.claimKey,
      batchId,
      leaseUntilEpochSeconds: nowEpochSeconds,
      expiresAtEpochSeconds: nowEpochSeconds + 60,
    });
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    expect(countsOf(await parts.reconcile())).toEqual({ uncreated: 1 });
    parts.prefect.outage = null;
    await parts.windows.abandonBatch(batchId);
    expect(countsOf(await parts.reconcile())).toEqual({ excluded: 1 });
  });

  it('reports runs that were recorded and then deleted', async () => {
    const parts = makeParts();
    await receive(parts, ['a', 'b']);
    await receive(parts, ['c']);
    const [gone] = parts.prefect.flowRuns;
    parts.prefect.deleteFlowRun(gone?.flowRunId ?? '');
    parts.letLeasesEnd();
    const report = await parts.reconcile({ maxPages: null });
    expect(countsOf(report)).toEqual({ settled: 3, runsFound: 1, runsDeleted: 1 });
    expect(report.claims?.findings).toMatchObject([{ kind: 'run-deleted', flowRunId: gone?.flowRunId }]);
  });

  it('does not miss a deleted run that held no event, since it had superseded its batch', async () => {
    const parts = makeParts();
    parts.prefect.createDeployment('process-orders', 'v2');
    parts.prefect.planCreates({ status: 502 });
    await receive(parts, ['a', 'b']);
    parts.letLeasesEnd();
    const moved = sqsConfig({ ...ROUTE, run: { ...makeRoute().run, deployment: 'v2' } });
    await deliverUnder(parts, moved, ['a', 'b']);
    const [superseded] = parts.prefect.flowRuns;
    expect(superseded?.stateName).toBe('Superseded');
    parts.prefect.deleteFlowRun(superseded?.flowRunId ?? '');
    expect(countsOf(await parts.reconcile({ maxPages: null }))).toEqual({ settled: 2, runsFound: 1 });
  });

  it('says that events of a deleted deployment are in no flow run any more, and how many', async () => {
    const parts = makeParts();
    await receive(parts, ['a', 'b']);
    const [run] = parts.prefect.flowRuns;
    // Prefect deletes the runs that have not started together with their deployment.
    parts.prefect.deleteDeployment(run?.deploymentId ?? '');
    parts.prefect.deleteFlowRun(run?.flowRunId ?? '');
    parts.letLeasesEnd();
    const report = await parts.reconcile({ maxPages: null });
    expect(countsOf(report)).toMatchObject({ runsDeleted: 1, runsDeletedWithDeployment: 1 });
    expect(report.claims?.findings).toMatchObject([
      { kind: 'run-deleted-with-deployment', events: 2, flowRunId: run?.flowRunId },
    ]);
  });

  it('reports a route whose deployment is not in Prefect, whose events are stuck before they are claimed', async () => {
    const parts = makeParts();
    const [deployed] = (await parts.reconcile()).routes?.findings ?? [];
    expect(deployed).toBeUndefined();
    await receive(parts, ['a']);
    parts.prefect.deleteDeployment(parts.prefect.flowRuns[0]?.deploymentId ?? '');
    await receive(parts, ['b']);
    expect((await parts.reconcile()).routes).toMatchObject({
      routes: 1,
      deploymentsMissing: 1,
      findings: [{ kind: 'deployment-missing', route: 'process-orders' }],
    });
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    expect((await parts.reconcile()).routes).toMatchObject({ deploymentsIndeterminate: 1 });
  });

  it('concludes nothing while Prefect does not respond', async () => {
    const parts = makeParts();
    await receive(parts, ['a']);
    parts.prefect.planCreates('lost');
    await receive(parts, ['b']);
    parts.letLeasesEnd();
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    const report = await parts.reconcile({ maxPages: null });
    expect(countsOf(report)).toEqual({ settled: 1, indeterminate: 1, runsIndeterminate: 1 });
    expect(report.claims?.findings[0]?.detail).toContain('503');
  });

  it('reads claims that look wrong again, since the scan is eventually consistent', async () => {
    const parts = makeParts();
    parts.prefect.planCreates({ status: 502 });
    await receive(parts, ['a']);
    parts.letLeasesEnd();
    const [stale] = [...parts.claims.claims.values()];
    await receive(parts, ['a'], 2);
    const ports = parts.reconcilePorts;
    const records = {
      ...ports.records,
      readRecords: staleOnce(ports.records.readRecords.bind(ports.records)),
    };
    const tableScan = {
      readPage: async () => ({ claims: stale === undefined ? [] : [stale], records: [], nextKey: null }),
    };
    const request = { scope: 'everything', dryRun: false, startKey: null, maxPages: null } as const;
    const report = await reconcile(request, parts.config, { ...ports, records, tableScan }, parts.deadline);
    expect(countsOf(report)).toEqual({ settled: 1 });
  });

  it('reports the same counts whatever the page size, and changes nothing in a dry run', async () => {
    const groups = fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 4 }),
        fate: fc.constantFrom('answered', 'lost', 'refused', 'deleted'),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(groups, fc.integer({ min: 1, max: 7 }), async (batches, itemsPerPage) => {
        const parts = makeParts();
        const count = (fate: string): number =>
          batches.reduce((sum, batch) => (batch.fate === fate ? sum + batch.size : sum), 0);
        for (const [index, { size, fate }] of batches.entries()) {
          if (fate === 'lost') parts.prefect.planCreates('lost');
          if (fate === 'refused') parts.prefect.planCreates({ status: 502 });
          await receive(
            parts,
            Array.from({ length: size }, (_, event) => `${index}-${event}`),
          );
          if (fate === 'deleted') parts.prefect.deleteFlowRun(parts.prefect.flowRuns.at(-1)?.flowRunId ?? '');
        }
        parts.letLeasesEnd();
        parts.itemsPerPage = itemsPerPage;
        const before = parts.everything;
        const inRuns = idsInRuns(parts);

        const dry = (await parts.reconcile({ dryRun: true })).claims;
        expect(parts.everything).toBe(before);
        const wet = (await parts.reconcile()).claims;

        expect(dry).toMatchObject({
          settled: count('answered') + count('deleted'),
          recordMissing: count('lost'),
          uncreated: count('refused'),
          runsDeleted: batches.filter(({ fate }) => fate === 'deleted').length,
          recordsWritten: 0,
          indeterminate: 0,
        });
        expect(wet).toMatchObject({
          uncreated: count('refused'),
          recordsWritten: batches.filter(({ fate }) => fate === 'lost').length,
        });
        expect((wet?.settled ?? 0) + (wet?.recordMissing ?? 0)).toBe(
          (dry?.settled ?? 0) + (dry?.recordMissing ?? 0),
        );
        expect(idsInRuns(parts)).toEqual(inRuns);
        expect((await parts.reconcile()).claims).toMatchObject({ recordMissing: 0, recordsWritten: 0 });
      }),
      { numRuns: 40 },
    );
  });
});

/** The first read sees nothing. */
function staleOnce<Key, Value>(read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>) {
  let reads = 0;
  return async (keys: readonly Key[]): Promise<ReadonlyMap<Key, Value>> =>
    reads++ === 0 ? new Map() : read(keys);
}

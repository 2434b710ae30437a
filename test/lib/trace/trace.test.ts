import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledCoalescing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import { memberOf } from '../../../lib/routing/member.ts';
import { describeTrace } from '../../../lib/trace/describe-trace.ts';
import { traceClaims, windowRefOfId, type ClaimTrace } from '../../../lib/trace/trace.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 } as const;
const INVOCATION = { ...CAPS, mode: 'invocation' } as const;
const WINDOW = { ...CAPS, mode: 'window', maxWaitSeconds: 10, bypassWhen: null } as const;
const RETENTION_SECONDS = 86_400;

function partsWith(coalesce: CompiledCoalescing): PipelineParts {
  return new PipelineParts(
    sqsConfig({ dedupe: { key: 'event.data.id', retentionSeconds: RETENTION_SECONDS }, coalesce }),
  );
}

function claimKeyOf(parts: PipelineParts, id: string): string {
  const [route] = parts.config.routes;
  return memberOf(route?.name ?? '', ['key', `s:${id}`]).claimKey;
}

async function traceIds(
  parts: PipelineParts,
  ids: readonly string[],
  windowsPerEvent = 1,
): Promise<readonly ClaimTrace[]> {
  const { claims, records, windows, prefect, installation, nowEpochMs } = parts;
  return traceClaims(
    ids.map((id) => claimKeyOf(parts, id)),
    { claims, records, windows, flowRuns: prefect },
    { installation, nowEpochMs, requestTimeoutMs: 1_000, windowsPerEvent: () => windowsPerEvent },
  );
}

async function traceOne(parts: PipelineParts, id: string, windowsPerEvent = 1): Promise<ClaimTrace> {
  const [trace] = await traceIds(parts, [id], windowsPerEvent);
  if (trace === undefined) throw new Error('no trace');
  return trace;
}

function deliver(parts: PipelineParts, ...ids: readonly string[]) {
  return parts.run(ids.map((id) => sqsRecord(`m-${id}`, JSON.stringify({ id }))));
}

describe('a trace', () => {
  it('finds the flow run of an event, and with how many others it is there', async () => {
    const parts = partsWith(INVOCATION);
    await deliver(parts, 'A', 'B', 'C');
    const [run] = parts.prefect.flowRuns;
    const trace = await traceOne(parts, 'B');
    expect(trace.fates).toMatchObject([
      { kind: 'in-run', run: { flowRunId: run?.flowRunId, missing: null }, batch: { members: 3 } },
    ]);
    const { answers, sendingAgain, timeline } = describeTrace(trace);
    expect(answers[0]).toBe(
      `is in flow run ${run?.name ?? ''} (${run?.flowRunId ?? ''}), Scheduled, in a batch of 3`,
    );
    expect(sendingAgain).toMatch(
      /^Sent again before 2026-\S+Z it is a duplicate; after that it is a new event\.$/,
    );
    expect(timeline).toEqual([
      { at: '2026-09-21T14:13:20.000Z', what: 'the flow run was created', from: 'prefect' },
    ]);
  });

  it('says that it does not know an event that never came, and one whose claim has expired', async () => {
    const parts = partsWith(INVOCATION);
    await deliver(parts, 'A');
    expect((await traceOne(parts, 'B')).fates).toEqual([{ kind: 'unknown' }]);
    parts.nowEpochMs += (RETENTION_SECONDS + 1) * 1_000;
    const expired = await traceOne(parts, 'A');
    expect(expired.fates).toEqual([{ kind: 'unknown' }]);
    expect(describeTrace(expired).sendingAgain).toBe('Sent again it is a new event.');
  });

  it('says that a run is gone from Prefect, or that Prefect could not be asked', async () => {
    const parts = partsWith(INVOCATION);
    await deliver(parts, 'A');
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    expect(describeTrace(await traceOne(parts, 'A')).answers[0]).toContain('Prefect could not be asked');
    parts.prefect.outage = null;
    parts.prefect.deleteFlowRun(parts.prefect.flowRuns[0]?.flowRunId ?? '');
    expect(describeTrace(await traceOne(parts, 'A')).answers[0]).toContain('which Prefect no longer has');
  });

  it('gives the code and the reason of a dead letter, and how to get the event into a run', async () => {
    const parts = partsWith(INVOCATION);
    parts.prefect.refuseWhen(({ dead }) =>
      dead === null ? { status: 409, detail: 'parameter orders does not match (409)' } : null,
    );
    await deliver(parts, 'A');
    const trace = await traceOne(parts, 'A');
    expect(trace.fates).toMatchObject([{ kind: 'dead', code: 'refused-by-prefect' }]);
    const { answers, sendingAgain } = describeTrace(trace);
    expect(answers[0]).toContain('parameter orders does not match (409)');
    expect(sendingAgain).toContain('use sluice redrive');
  });

  it('tells an event that is claimed now from one whose run could not be created', async () => {
    const parts = partsWith(INVOCATION);
    parts.prefect.planCreates({ status: 503 }, { status: 503 }, { status: 503 });
    await deliver(parts, 'A');
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    expect((await traceOne(parts, 'A')).fates).toMatchObject([{ kind: 'claimed', prefect: 'unavailable' }]);
    parts.prefect.outage = null;
    expect((await traceOne(parts, 'A')).fates).toMatchObject([{ kind: 'claimed', isBeingCreated: true }]);
    parts.letLeasesEnd();
    const trace = await traceOne(parts, 'A');
    expect(trace.fates).toMatchObject([{ kind: 'claimed', isBeingCreated: false, prefect: 'none' }]);
    expect(describeTrace(trace).answers[0]).toContain('the next delivery by the source repeats it');
  });

  it('finds the run whose record was lost', async () => {
    const parts = partsWith(INVOCATION);
    parts.prefect.planCreates('lost', 'lost', 'lost');
    await deliver(parts, 'A');
    const [run] = parts.prefect.flowRuns;
    expect((await traceOne(parts, 'A')).fates).toMatchObject([
      { kind: 'in-run', run: { flowRunId: run?.flowRunId } },
    ]);
  });

  it('says until when an event waits in a window, and then in which run it is', async () => {
    const parts = partsWith(WINDOW);
    await deliver(parts, 'A', 'B');
    const waiting = await traceOne(parts, 'A');
    expect(waiting.fates).toMatchObject([{ kind: 'waiting', window: { count: 2 } }]);
    expect(describeTrace(waiting).answers[0]).toMatch(/^waits in a window with 2 events, until 2026-/);
    parts.nowEpochMs += 11_000;
    await parts.flushDue();
    const [run] = parts.prefect.flowRuns;
    expect((await traceOne(parts, 'A')).fates).toMatchObject([
      { kind: 'in-run', run: { flowRunId: run?.flowRunId }, batch: { members: 2 } },
    ]);
  });

  it('names each run of an event that overlapping windows cover', async () => {
    const parts = partsWith({ ...CAPS, mode: 'sliding', sizeSeconds: 120, everySeconds: 60 });
    await deliver(parts, 'A');
    expect((await traceOne(parts, 'A', 2)).fates.map(({ kind }) => kind)).toEqual(['waiting', 'waiting']);
    parts.nowEpochMs += 61_000;
    await parts.flushDue();
    expect((await traceOne(parts, 'A', 2)).fates.map(({ kind }) => kind)).toEqual(['in-run', 'waiting']);
    parts.nowEpochMs += 61_000;
    await parts.flushDue();
    const { fates } = await traceOne(parts, 'A', 2);
    const runs = fates.flatMap((fate) => (fate.kind === 'in-run' ? [fate.run.flowRunId] : []));
    expect(runs.toSorted()).toEqual(parts.prefect.flowRuns.map(({ flowRunId }) => flowRunId).toSorted());
  });

  it('never says that an event is in a run that it is not in, whatever Prefect loses', async () => {
    const ids = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { minLength: 1 });
    const fates = fc.array(fc.constantFrom('answered' as const, 'lost' as const, 'late' as const), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(ids, { minLength: 1, maxLength: 3 }), fates, async (deliveries, planned) => {
        const parts = partsWith(INVOCATION);
        parts.prefect.planCreates(...planned);
        for (const delivery of deliveries) await deliver(parts, ...delivery);
        parts.prefect.landLateCreates();
        const all = [...new Set(deliveries.flat())];
        for (const [index, { fates: found }] of (await traceIds(parts, all)).entries()) {
          const [fate] = found;
          if (fate?.kind !== 'in-run') continue;
          const run = parts.prefect.flowRuns.find(({ flowRunId }) => flowRunId === fate.run.flowRunId);
          expect(JSON.stringify(run?.parameters)).toContain(`"${all[index] ?? ''}"`);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the id of a window', () => {
  it.each(['', 'route', 'route#hash', 'route#hash#x', '#hash#1'])('%j is none', (text) => {
    expect(windowRefOfId(text)).toBeNull();
  });

  it('names the series and the sequence', () => {
    expect(windowRefOfId('orders#abc-_#12')).toEqual({
      series: { route: 'orders', keyHash: 'abc-_' },
      sequence: 12,
    });
  });
});

import { describe, expect, it } from 'vitest';
import { findEvent, type TraceTools } from '../../../cli/tracing/find-event.ts';
import { isFound, traceReport } from '../../../cli/tracing/trace-report.ts';
import { subjectOfKey, type TraceSubject } from '../../../cli/tracing/trace-subject.ts';
import { routeOfClaim } from '../../../lib/routing/member.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const KEYED = sqsConfig({ dedupe: { key: 'event.data.id', retentionSeconds: 86_400 } });

interface Searched {
  readonly text: string;
  readonly sinceEpochMs: number;
}

function toolsOf(
  parts: PipelineParts,
  lines: readonly string[] = [],
): { tools: TraceTools; searched: Searched[] } {
  const { claims, records, windows, prefect, installation, nowEpochMs } = parts;
  const searched: Searched[] = [];
  return {
    searched,
    tools: {
      ports: { claims, records, windows, flowRuns: prefect },
      logs: {
        findLines: (text, sinceEpochMs) => {
          searched.push({ text, sinceEpochMs });
          return Promise.resolve({ lines, isComplete: false, requests: 2 });
        },
      },
      options: { installation, nowEpochMs, requestTimeoutMs: 1_000 },
    },
  };
}

function valid(subject: TraceSubject): Exclude<TraceSubject, { kind: 'invalid' }> {
  if (subject.kind === 'invalid') throw new TypeError(subject.message);
  return subject;
}

function line(fields: object): string {
  return JSON.stringify({ message: 'event', timestamp: '2026-09-21T14:13:21Z', source: 'jobs', ...fields });
}

async function delivered(): Promise<PipelineParts> {
  const parts = new PipelineParts(KEYED);
  await parts.run([sqsRecord('m1', '{"id":"A-1"}'), sqsRecord('m2', '{"id":"A-2"}')]);
  return parts;
}

describe('sluice trace', () => {
  it('answers from the table and Prefect alone, in one sentence first', async () => {
    const parts = await delivered();
    const { tools, searched } = toolsOf(parts);
    const result = await findEvent(valid(subjectOfKey(KEYED, null, 'A-1')), KEYED, tools, { logs: false });
    const [run] = parts.prefect.flowRuns;
    const report = traceReport(result, 'order A-1');
    expect(report.split('\n')[0]).toBe(
      `On the route ${routeOfClaim(result.traces[0]?.claimKey ?? '')}, order A-1 is in flow run ${run?.name ?? ''} (${run?.flowRunId ?? ''}), Scheduled, in a batch of 2.`,
    );
    expect(report).toContain('2026-09-21T14:13:20.000Z  the flow run was created (from Prefect)');
    expect(isFound(result)).toBe(true);
    expect(searched).toEqual([]);
  });

  it('says that an event is not known, and has not found it', async () => {
    const { tools } = toolsOf(await delivered());
    const result = await findEvent(valid(subjectOfKey(KEYED, null, 'A-9')), KEYED, tools, { logs: false });
    expect(isFound(result)).toBe(false);
    expect(traceReport(result, 'order A-9')).toContain('order A-9 is not known here: it has not arrived');
  });

  it('follows the log from an id to the claim of a route that knows events by a key', async () => {
    const parts = await delivered();
    const [claimKey] = parts.claims.claims.keys();
    const { tools, searched } = toolsOf(parts, [
      'START RequestId: 1',
      line({ outcome: 'created', eventId: 'm1', claim: claimKey, route: routeOfClaim(claimKey ?? '') }),
    ]);
    const subject = { kind: 'id', id: 'm1', claimKeys: [], routesWithKeys: ['process-orders'] } as const;
    const result = await findEvent(subject, KEYED, tools, { logs: false });
    expect(result.traces).toMatchObject([{ claimKey, fates: [{ kind: 'in-run' }] }]);
    expect(searched).toEqual([{ text: 'm1', sinceEpochMs: parts.nowEpochMs - 86_400_000 }]);
    const report = traceReport(result, 'event m1');
    expect(report).toContain('2026-09-21T14:13:21Z  m1 of jobs: created on ');
    expect(report).toContain('2 requests to CloudWatch Logs');
    expect(report).toContain('The search ended at its time limit');
  });

  it('says which routes an id does not lead to when the log has no line of it', async () => {
    const { tools } = toolsOf(new PipelineParts(KEYED));
    const subject = { kind: 'id', id: 'x', claimKeys: [], routesWithKeys: ['process-orders'] } as const;
    const result = await findEvent(subject, KEYED, tools, { logs: false });
    expect(result.notes).toEqual([
      'on process-orders an event is known by its dedupe.key: if the log has no line of it, name the key with --key',
    ]);
    expect(isFound(result)).toBe(false);
  });

  it('shows why an event was dead-lettered before it was claimed', async () => {
    const { tools } = toolsOf(new PipelineParts(KEYED), [
      line({
        outcome: 'dead-lettered',
        eventId: 'x',
        route: 'r',
        code: 'expression-failed',
        detail: 'when: no',
      }),
    ]);
    const subject = { kind: 'id', id: 'x', claimKeys: [], routesWithKeys: [] } as const;
    const report = traceReport(await findEvent(subject, KEYED, tools, { logs: true }), 'event x');
    expect(report).toContain('x of jobs: dead-lettered on r (expression-failed: when: no)');
  });

  it('goes back from a flow run and from a batch to its events', async () => {
    const parts = await delivered();
    const [run] = parts.prefect.flowRuns;
    const flowRunId = run?.flowRunId ?? '';
    const { tools, searched } = toolsOf(parts, [line({ outcome: 'created', eventId: 'm2' })]);
    const byRun = await findEvent({ kind: 'flow-run', flowRunId }, KEYED, tools, { logs: true, since: 5 });
    const batchId = byRun.run?.batchId ?? '';
    expect(searched).toEqual([{ text: batchId, sinceEpochMs: 5 }]);
    expect(traceReport(byRun, 'x')).toContain(', with 2 events.');
    const byBatch = await findEvent({ kind: 'batch', batchId }, KEYED, tools, { logs: false });
    expect(byBatch.run).toEqual(byRun.run);
    const gone = await findEvent({ kind: 'batch', batchId: 'none' }, KEYED, tools, { logs: false });
    expect(gone.notes).toEqual(['Prefect has no such flow run']);
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    const outage = await findEvent({ kind: 'batch', batchId }, KEYED, tools, { logs: false });
    expect(outage.notes[0]).toMatch(/^Prefect could not be asked: /);
  });
});

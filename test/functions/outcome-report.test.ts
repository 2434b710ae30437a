import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, it, vi } from 'vitest';
import { OutcomeReport } from '../../functions/outcome-report.ts';
import type { CompiledOutcomeLogs } from '../../lib/compiled-config/compiled.ts';
import type { EventOutcome, Outcome } from '../../lib/outcome.ts';
import { makeEvent } from '../support/builders/make-event.ts';
import { sqsRecord } from '../support/builders/pipeline-parts.ts';

const created: Outcome = { kind: 'created', route: 'r', batchId: 'b', flowRunId: 'f' };
const retry: Outcome = { kind: 'retry', route: 'r', code: 'in-flight', detail: 'wait' };

function outcome(recordId: string, of: Outcome): EventOutcome {
  return {
    record: sqsRecord(recordId, '{"secret":1}'),
    event: makeEvent({ id: `of-${recordId}` }),
    outcome: of,
  };
}

function report(
  outcomes: readonly EventOutcome[],
  logLevel: 'INFO' | 'WARN' | 'ERROR' = 'INFO',
  outcomeLogs: CompiledOutcomeLogs = { kind: 'all' },
) {
  const written: string[] = [];
  const metrics = new Metrics({ namespace: 'Sluice' });
  new OutcomeReport({
    sourceName: 'jobs',
    outcomeLogs,
    logger: new Logger({ logLevel }),
    metrics,
    write: (lines) => written.push(lines),
  }).report(outcomes, 'request-1');
  const lines = written.join('').split('\n').slice(0, -1);
  return { writes: written.length, lines: lines.map((line) => JSON.parse(line) as object), metrics };
}

describe('OutcomeReport', () => {
  it('writes a line for each event with its record, route, batch, run and code, and nothing of its data', () => {
    const { lines, writes } = report([outcome('m1', created), outcome('m2', retry)]);
    expect(writes).toBe(1);
    expect(lines).toMatchObject([
      {
        level: 'INFO',
        message: 'event',
        function_request_id: 'request-1',
        source: 'jobs',
        outcome: 'created',
        recordId: 'm1',
        eventId: 'of-m1',
        route: 'r',
        batchId: 'b',
        flowRunId: 'f',
      },
      { level: 'WARN', outcome: 'retry', recordId: 'm2', code: 'in-flight', detail: 'wait' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('counts outcomes by kind, with a zero for filtered events, so that an alarm can compare the two', () => {
    const { metrics } = report([outcome('m1', created), outcome('m2', created), outcome('m3', retry)]);
    expect(metrics.serializeMetrics()).toMatchObject({
      EventsCreated: 2,
      EventsRetried: 1,
      EventsFiltered: 0,
      EventsRouted: 3,
    });
    metrics.clearMetrics();
  });

  it('leaves out the lines that logs.outcomes leaves out, and counts their events all the same', () => {
    const { lines, metrics } = report([outcome('m1', created), outcome('m2', retry)], 'INFO', {
      kind: 'exceptions',
    });
    expect(lines).toMatchObject([{ outcome: 'retry', recordId: 'm2' }]);
    expect(metrics.serializeMetrics()).toMatchObject({ EventsCreated: 1, EventsRetried: 1 });
    metrics.clearMetrics();
  });

  it('chooses the lines of a sample by the id of the event, so that a redelivery is chosen like the first delivery', () => {
    const events = Array.from({ length: 400 }, (_, index) => outcome(`m${index}`, created));
    const sampled = { kind: 'sampled', share: 0.25 } as const;
    const first = report(events, 'INFO', sampled);
    const second = report(events.toReversed(), 'INFO', sampled);
    const idsOf = (lines: readonly object[]): readonly unknown[] =>
      lines.map((line) => ('eventId' in line ? line.eventId : null)).sort();
    expect(first.lines.length).toBeGreaterThan(50);
    expect(first.lines.length).toBeLessThan(150);
    expect(idsOf(second.lines)).toEqual(idsOf(first.lines));
    for (const { metrics } of [first, second]) metrics.clearMetrics();
  });

  it('says in the line of a filtered event what was not true of it', () => {
    const unmet = [{ route: 'r', clause: 'event.data.n > 5', saw: { 'event.data.n': 1 }, absent: [] }];
    const filtered: Outcome = { kind: 'filtered', reason: 'no-route-matched', unmet };
    const { lines, metrics } = report([outcome('m1', filtered)]);
    expect(lines).toMatchObject([{ outcome: 'filtered', reason: 'no-route-matched', unmet }]);
    metrics.clearMetrics();
  });

  it('counts zero routed events where a filter let none through', () => {
    const filtered: Outcome = { kind: 'filtered', reason: 'no-route-matched' };
    const { metrics } = report([outcome('m1', filtered), outcome('m2', filtered)]);
    expect(metrics.serializeMetrics()).toMatchObject({ EventsFiltered: 2, EventsRouted: 0 });
    metrics.clearMetrics();
  });

  it('counts outcomes by route as well, with the dimensions of the other metrics', () => {
    const counted: Record<string, unknown>[] = [];
    const metrics = new Metrics({ namespace: 'Sluice', serviceName: 'sqs-trigger' });
    metrics.setDefaultDimensions({ stack: 'Sluice', source: 'jobs' });
    const original = metrics.singleMetric.bind(metrics);
    vi.spyOn(metrics, 'singleMetric').mockImplementation(() => {
      const single = original();
      vi.spyOn(single, 'publishStoredMetrics').mockImplementation(() => {
        counted.push({ ...single.serializeMetrics() });
        single.clearMetrics();
        return single;
      });
      return single;
    });
    const other: Outcome = { ...created, route: 'other' };
    new OutcomeReport({
      sourceName: 'jobs',
      outcomeLogs: { kind: 'all' },
      logger: new Logger(),
      metrics,
      write: () => undefined,
    }).report(
      [outcome('m1', created), outcome('m2', other), outcome('m3', other), outcome('m4', retry)],
      'request-1',
      new Map([['other', 7]]),
    );
    metrics.clearMetrics();
    const common = { service: 'sqs-trigger', stack: 'Sluice', source: 'jobs' };
    expect(counted).toMatchObject([
      { ...common, route: 'r', EventsCreated: 1 },
      { ...common, route: 'r', EventsRetried: 1 },
      { ...common, route: 'other', EventsCreated: 2 },
      { ...common, route: 'other', EventsFiltered: 7 },
    ]);
  });

  it('writes an event that is held in a window at the level INFO, because that is its normal outcome', () => {
    const held: Outcome = { kind: 'held', route: 'r', batchId: 'b', windowId: 'w' };
    expect(report([outcome('m1', held)]).lines).toMatchObject([{ level: 'INFO', outcome: 'held' }]);
    expect(report([outcome('m1', held)], 'WARN').lines).toEqual([]);
  });

  it.each([
    { logLevel: 'WARN', records: ['m2'] },
    { logLevel: 'ERROR', records: [] },
  ] as const)('keeps to the log level $logLevel', ({ logLevel, records }) => {
    const { lines } = report([outcome('m1', created), outcome('m2', retry)], logLevel);
    expect(lines.map((line) => 'recordId' in line && line.recordId)).toEqual(records);
  });

  it('writes no outcome lines and no metrics for an invocation without events', () => {
    expect(report([]).writes).toBe(0);
  });
});

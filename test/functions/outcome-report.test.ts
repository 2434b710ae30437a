import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, it } from 'vitest';
import { OutcomeReport } from '../../functions/outcome-report.ts';
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

function report(outcomes: readonly EventOutcome[], logLevel: 'INFO' | 'WARN' | 'ERROR' = 'INFO') {
  const written: string[] = [];
  const metrics = new Metrics({ namespace: 'Sluice' });
  new OutcomeReport({
    sourceName: 'jobs',
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

  it('counts outcomes by kind', () => {
    const { metrics } = report([outcome('m1', created), outcome('m2', created), outcome('m3', retry)]);
    expect(metrics.serializeMetrics()).toMatchObject({ EventsCreated: 2, EventsRetried: 1 });
    metrics.clearMetrics();
  });

  it.each([
    { logLevel: 'WARN', records: ['m2'] },
    { logLevel: 'ERROR', records: [] },
  ] as const)('keeps to the log level $logLevel', ({ logLevel, records }) => {
    const { lines } = report([outcome('m1', created), outcome('m2', retry)], logLevel);
    expect(lines.map((line) => 'recordId' in line && line.recordId)).toEqual(records);
  });

  it('writes nothing when nothing happened', () => {
    expect(report([]).writes).toBe(0);
  });
});

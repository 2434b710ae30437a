import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { OutcomeReport } from '../../../functions/outcome-report.ts';
import { batchRecordItem, claimItem, type Item } from '../../../lib/adapters/dynamodb/dynamodb-items.ts';
import {
  claimBytes,
  CPU_MS_PER_EVENT,
  CPU_MS_PER_INVOCATION,
  METRICS_LINE_BYTES,
  OUTCOME_LINE_BYTES,
  recordBytes,
  recordWriteUnits,
  ROUTE_METRICS_LINE_BYTES,
} from '../../../lib/cost/measured.ts';
import { PRICES, tieredPrice } from '../../../lib/cost/prices.ts';
import { makeEvent } from '../../support/builders/make-event.ts';
import { sqsRecord } from '../../support/builders/pipeline-parts.ts';

const performancePage = readFileSync(join(import.meta.dirname, '../../../docs/performance.md'), 'utf8');
/** Batch, write units and processor time of Sluice, per event. */
const measurements = [
  ...performancePage.matchAll(
    /^\| (\d+) \| \*\*Sluice\*\* \| \S+ \| \*\*([\d.]+)\*\* \| \S+ \| \*\*(\d+)\*\*/gm,
  ),
].map(([, batch, writeUnits, cpuMicroseconds]) => ({
  batch: Number(batch),
  writeUnits: Number(writeUnits),
  cpuMicroseconds: Number(cpuMicroseconds),
}));

const HASH = 'ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs';
const BATCH_ID = `${'A'.repeat(22)}.${HASH}`;
const OVERHEAD_BYTES = 100;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, { S: text, N: number, B: bytes }]) => {
    const ofNumber = number === undefined ? 0 : Math.ceil(number.length / 2) + 1;
    return sum + name.length + (text?.length ?? 0) + ofNumber + (bytes?.length ?? 0);
  }, OVERHEAD_BYTES);
}

function percentFrom(expected: number, actual: number): number {
  return (100 * Math.abs(actual - expected)) / expected;
}

describe('what an estimate says an event takes', () => {
  it('is the processor time and the write units that were measured', () => {
    expect(measurements.map(({ batch }) => batch)).toEqual([10, 100, 1000]);
    for (const { batch, writeUnits, cpuMicroseconds } of measurements) {
      const cpu = 1000 * (CPU_MS_PER_EVENT + CPU_MS_PER_INVOCATION / batch);
      expect(percentFrom(cpuMicroseconds, cpu), `batches of ${batch}`).toBeLessThan(15);
      // The route of the benchmark has at most 100 events in a run.
      const inRun = Math.min(100, batch);
      expect(1 + recordWriteUnits(inRun) / inRun, `batches of ${batch}`).toBeCloseTo(writeUnits, 3);
    }
  });

  it('is as many bytes as its claim and its record have in the table', () => {
    const claim = claimItem({
      claimKey: `C#process-orders#${HASH}`,
      batchId: BATCH_ID,
      leaseUntilEpochSeconds: 1_795_852_309,
      expiresAtEpochSeconds: 1_797_148_309,
    });
    expect(percentFrom(sizeOf(claim), claimBytes('process-orders'))).toBeLessThan(8);
    for (const count of [1, 100, 1000]) {
      const record = batchRecordItem({
        kind: 'flow-run',
        batchId: BATCH_ID,
        flowRunId: randomUUID(),
        members: Array.from({ length: count }, () => 'AAAAAAAAAAA'),
        deadCode: null,
        expiresAtEpochSeconds: 1_797_148_309,
      });
      expect(percentFrom(sizeOf(record), recordBytes(count)), `${count} members`).toBeLessThan(8);
    }
  });

  it('is as many bytes as its log line has, and the metrics of its invocation', () => {
    const written: string[] = [];
    const printed: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0);
    const metrics = new Metrics({ namespace: 'Sluice', serviceName: 'sqs-trigger' });
    metrics.setDefaultDimensions({ stack: 'Sluice', source: 'orders-hook' });
    const report = new OutcomeReport({
      sourceName: 'orders-hook',
      outcomeLogs: { kind: 'all' },
      logger: new Logger(),
      metrics,
      write: (lines) => written.push(lines),
    });
    const created = {
      kind: 'created',
      route: 'process-orders',
      batchId: BATCH_ID,
      flowRunId: randomUUID(),
    } as const;
    const event = makeEvent({ id: randomUUID() });
    report.report([{ record: sqsRecord(randomUUID(), '{}'), event, outcome: created }], randomUUID());
    metrics.publishStoredMetrics();
    vi.restoreAllMocks();
    expect(percentFrom(written.join('').length, OUTCOME_LINE_BYTES)).toBeLessThan(12);
    const [ofRoute = '', ofInvocation = ''] = printed.join('').trim().split('\n');
    expect(percentFrom(ofRoute.length, ROUTE_METRICS_LINE_BYTES)).toBeLessThan(12);
    expect(percentFrom(ofInvocation.length, METRICS_LINE_BYTES)).toBeLessThan(12);
  });
});

describe('prices', () => {
  it('have a date, a region, and the page that they are from', () => {
    const { date, region, currency, note, ...services } = PRICES;
    expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect([region, currency]).toEqual(['us-east-1', 'USD']);
    expect(note).toContain('without free tiers');
    for (const { source } of Object.values(services)) expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//);
  });

  it('fall with the amount where AWS has tiers', () => {
    const tiers = [
      { upTo: 10, price: 1 },
      { upTo: 30, price: 0.5 },
      { upTo: null, price: 0.1 },
    ];
    expect(tieredPrice(0, tiers)).toBe(0);
    expect(tieredPrice(10, tiers)).toBe(10);
    expect(tieredPrice(20, tiers)).toBe(15);
    expect(tieredPrice(130, tiers)).toBeCloseTo(30, 9);
  });
});

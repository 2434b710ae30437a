/** Windows by the clock from records to flow runs, over fakes that pass the contract suites of the real parts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledRoute } from '../../../lib/compiled-config/compiled.ts';
import { makeRoute } from '../../support/builders/compiled-config.ts';
import { canonicalJson } from '../../support/builders/exact-json.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';
import { compiledRoute } from '../../support/builders/route-configuration.ts';

const NIGHTLY = compiledRoute({
  coalesce: '{ mode: window, at: "cron(30 2 * * ? *)", zone: Europe/Berlin, maxEvents: 3 }',
}).coalesce;

const { run } = makeRoute();
const PARAMETERS = {
  orders: { expression: 'events.map(e, e.data)', as: 'json' },
  window: { expression: '[window.start, window.end]', as: 'json' },
} as const;

function nightly(changes: Partial<CompiledRoute> = {}): PipelineParts {
  return new PipelineParts(
    sqsConfig({ coalesce: NIGHTLY, run: { ...run, parameters: PARAMETERS }, ...changes }),
  );
}

async function deliverAt(parts: PipelineParts, time: string, ...numbers: readonly number[]) {
  parts.nowEpochMs = Date.parse(time);
  const outcomes = await parts.run(numbers.map((n) => sqsRecord(`m${n}`, String(n))));
  return outcomes.map(({ outcome }) => outcome.kind);
}

/** The timer queue delivers a timer within a quarter of an hour, so flushes are asked for often. */
async function letPass(parts: PipelineParts, until: string): Promise<void> {
  const end = Date.parse(until);
  while (parts.nowEpochMs < end) {
    parts.nowEpochMs = Math.min(end, parts.nowEpochMs + 900_000);
    await parts.flushDue();
  }
}

function runsOf(parts: PipelineParts): readonly unknown[] {
  return parts.prefect.flowRuns.map(({ parameters }) => JSON.parse(canonicalJson(parameters)) as unknown);
}

describe('a window by the clock', () => {
  it('holds what came since the closing before, and closes at its time', async () => {
    const parts = nightly();
    expect(await deliverAt(parts, '2026-06-01T12:00:00Z', 1)).toEqual(['held']);
    expect(await deliverAt(parts, '2026-06-02T00:29:59Z', 2)).toEqual(['held']);
    await parts.flushDue();
    expect(parts.prefect.flowRuns).toEqual([]);
    await letPass(parts, '2026-06-02T00:30:00Z');
    expect(runsOf(parts)).toEqual([
      { orders: [1, 2], window: ['2026-06-01T00:30:00Z', '2026-06-02T00:30:00Z'] },
    ]);
    expect(parts.prefect.flowRuns[0]?.labels).toMatchObject({ 'sluice.reason': 'time' });
  });

  it('leaves an event of the moment of its closing to the next one', async () => {
    const parts = nightly();
    await deliverAt(parts, '2026-06-01T12:00:00Z', 1);
    await deliverAt(parts, '2026-06-02T00:30:00Z', 2);
    await letPass(parts, '2026-06-03T00:30:00Z');
    expect(parts.orders).toEqual([[1], [2]]);
  });

  it('becomes no run in a night without events', async () => {
    const parts = nightly();
    await deliverAt(parts, '2026-06-01T12:00:00Z', 1);
    await letPass(parts, '2026-06-05T12:00:00Z');
    expect(parts.orders).toEqual([[1]]);
  });

  it('closes once on a day on which the clock goes forward, and on one on which it goes back', async () => {
    const parts = nightly();
    for (const [day, n] of [
      ['03-28', 1],
      ['03-29', 2],
      ['03-30', 3],
      ['10-24', 4],
      ['10-25', 5],
      ['10-26', 6],
    ] as const) {
      await deliverAt(parts, `2026-${day}T12:00:00Z`, n);
      await letPass(parts, new Date(parts.nowEpochMs + 82_800_000).toISOString());
    }
    const windows = runsOf(parts).map((each) => (each as { window: readonly string[] }).window[1]);
    expect(parts.orders).toEqual([[1], [2], [3], [4], [5], [6]]);
    expect(windows).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
      '2026-10-27T01:30:00Z',
    ]);
  });

  it('that holds more than a run may have becomes several runs, none of them early', async () => {
    const parts = nightly();
    await deliverAt(parts, '2026-06-01T12:00:00Z', 1, 2, 3);
    await deliverAt(parts, '2026-06-01T13:00:00Z', 4);
    await parts.flushDue();
    expect(parts.prefect.flowRuns).toEqual([]);
    await letPass(parts, '2026-06-02T00:30:00Z');
    expect(parts.orders).toEqual([[1, 2, 3], [4]]);
  });

  it('that was closed by a clock that is ahead sends the next event to the next one', async () => {
    const parts = nightly();
    await deliverAt(parts, '2026-06-01T12:00:00Z', 1);
    parts.nowEpochMs = Date.parse('2026-06-02T00:30:01Z');
    await parts.flushDue();
    await deliverAt(parts, '2026-06-02T00:29:59Z', 2);
    await letPass(parts, '2026-06-03T00:30:00Z');
    expect(parts.orders).toEqual([[1], [2]]);
  });

  it('keeps its time when its route is changed, and the next one has the new schedule', async () => {
    const parts = nightly();
    await deliverAt(parts, '2026-06-01T12:00:00Z', 1);
    const later = compiledRoute({ coalesce: '{ mode: window, at: "cron(0 4 * * ? *)" }' }).coalesce;
    const config = sqsConfig({ coalesce: later, run: { ...run, parameters: PARAMETERS } });
    for (; parts.nowEpochMs < Date.parse('2026-06-02T00:30:00Z'); parts.nowEpochMs += 900_000) {
      await parts.flushDue(config);
      expect(parts.prefect.flowRuns).toEqual([]);
    }
    await parts.flushDue(config);
    expect(parts.orders).toEqual([[1]]);
  });

  it('puts every event into exactly one run, whatever time passes between them and between flushes', async () => {
    const step = fc.record({ minutes: fc.integer({ min: 0, max: 2_000 }), flushes: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const parts = nightly();
        parts.nowEpochMs = Date.parse('2026-03-27T00:00:00Z');
        for (const [n, { minutes, flushes }] of steps.entries()) {
          parts.nowEpochMs += minutes * 60_000;
          if (flushes) await parts.flushDue();
          await parts.run([sqsRecord(`m${n}`, String(n))]);
        }
        await letPass(parts, new Date(parts.nowEpochMs + 2 * 86_400_000).toISOString());
        const inRuns = (parts.orders as number[][]).flat().sort((one, other) => one - other);
        expect(inRuns).toEqual(steps.map((_, n) => n));
      }),
      { numRuns: 40 },
    );
  });
});

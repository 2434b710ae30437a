/** `window` in expressions of runs, over fakes that pass the contract suites of the real parts. */
import { describe, expect, it } from 'vitest';
import type { CompiledWindowing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import { makeRoute, SAMPLE_WINDOW } from '../../support/builders/compiled-config.ts';
import { canonicalJson } from '../../support/builders/exact-json.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const SLIDING = {
  mode: 'sliding',
  key: null,
  maxEvents: 2,
  maxBytes: 400_000,
  sizeSeconds: 20,
  everySeconds: 10,
} as const;

function windowed(coalesce: CompiledWindowing): PipelineParts {
  const { run } = makeRoute();
  const parameters = { window: { expression: 'window', as: 'json' } } as const;
  return new PipelineParts(sqsConfig({ coalesce, run: { ...run, parameters } }));
}

function windowsOf(parts: PipelineParts): readonly unknown[] {
  return parts.prefect.flowRuns.map(
    ({ parameters }) => (JSON.parse(canonicalJson(parameters)) as { window: unknown }).window,
  );
}

async function deliver(parts: PipelineParts, ...texts: readonly string[]) {
  await parts.run(texts.map((text, index) => sqsRecord(`m${parts.nowEpochMs}-${index}`, text)));
}

describe('the window of a run', () => {
  it('is what the labels say: from when to when, of which key, why it was closed, with how many events', async () => {
    const parts = windowed({ ...SAMPLE_WINDOW, key: 'event.data.region' });
    await deliver(parts, '{"region":"eu"}', '{"region":"eu"}');
    parts.nowEpochMs += 12_345;
    await parts.flushDue();
    const start = '2026-09-21T14:13:20Z';
    expect(windowsOf(parts)).toEqual([
      { start, end: '2026-09-21T14:13:30Z', key: 'eu', reason: 'time', count: 2 },
    ]);
  });

  it('that overlaps others starts and ends by the clock, and each of its runs counts its own events', async () => {
    const parts = windowed(SLIDING);
    await deliver(parts, '1', '2', '3');
    for (let second = 0; second < 30; second += 10) {
      parts.nowEpochMs += 10_000;
      await parts.flushDue();
    }
    const first = { start: '2026-09-21T14:13:10Z', end: '2026-09-21T14:13:30Z', key: '', reason: 'time' };
    const second = { ...first, start: '2026-09-21T14:13:20Z', end: '2026-09-21T14:13:40Z' };
    expect(windowsOf(parts)).toEqual([
      { ...first, count: 2 },
      { ...first, count: 1 },
      { ...second, count: 2 },
      { ...second, count: 1 },
    ]);
  });

  it('is the same when its flush is tried again, however late', async () => {
    const parts = windowed(SAMPLE_WINDOW);
    await deliver(parts, '1', '2');
    parts.nowEpochMs += 10_000;
    parts.prefect.planCreates({ status: 502 });
    await parts.flushDue();
    parts.letLeasesEnd();
    parts.nowEpochMs += 3_600_000;
    await parts.flushDue();
    const [first, second] = parts.prefect.createsSent.map(({ parametersJson }) => parametersJson);
    expect(parts.prefect.flowRuns).toHaveLength(1);
    expect(second).toBe(first);
  });

  it('of an event that is too large to wait is the moment in which its source took it, at every attempt', async () => {
    const parts = windowed({ ...SAMPLE_WINDOW, maxBytes: 1, key: 'event.data % 2' });
    parts.prefect.planCreates({ status: 502 });
    await parts.run([sqsRecord('m1', '11')]);
    parts.letLeasesEnd();
    await parts.run([sqsRecord('m1', '11', 2)]);
    const at = '2026-09-21T14:13:20Z';
    expect(windowsOf(parts)).toEqual([{ start: at, end: at, key: '1', reason: 'bytes', count: 1 }]);
    expect(new Set(parts.prefect.createsSent.map(({ parametersJson }) => parametersJson)).size).toBe(1);
  });
});

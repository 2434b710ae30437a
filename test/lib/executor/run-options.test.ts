/** What runs are given, from records to flow runs, over fakes that pass the contract suites of the real parts. */
import { describe, expect, it } from 'vitest';
import type { CompiledRunOptions } from '../../../lib/compiled-config/compiled-run-options.ts';
import type { CompiledRoute } from '../../../lib/compiled-config/compiled.ts';
import { makeRoute, SAMPLE_WINDOW } from '../../support/builders/compiled-config.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const NONE: CompiledRunOptions = {
  name: null,
  tagExpressions: [],
  workQueue: null,
  after: null,
  jobVariables: {},
};

const QUEUE = { kind: 'chosen', expression: 'events[0].data.q', allow: ['high', 'low'] } as const;

function partsWith(options: Partial<CompiledRunOptions>, route: Partial<CompiledRoute> = {}): PipelineParts {
  const { run } = makeRoute();
  return new PipelineParts(sqsConfig({ ...route, run: { ...run, options: { ...NONE, ...options } } }));
}

async function deliver(parts: PipelineParts, texts: readonly string[], deliveryCount = 1) {
  const outcomes = await parts.run(texts.map((text, index) => sqsRecord(`m${index}`, text, deliveryCount)));
  return outcomes.map(({ outcome }) => ('code' in outcome ? [outcome.kind, outcome.code] : [outcome.kind]));
}

const SINGLE = { coalesce: { mode: 'none' } } as const;
const WINDOW = { coalesce: SAMPLE_WINDOW, dedupe: { key: 'event.id', retentionSeconds: 86_400 } } as const;

describe('what a run is given', () => {
  it('goes with it to Prefect', async () => {
    const parts = partsWith(
      {
        name: '"order " + event.data.id',
        tagExpressions: ['event.data.region'],
        workQueue: { ...QUEUE, expression: 'event.data.q' },
        after: { kind: 'delay', delaySeconds: 600 },
        jobVariables: { cpu: { expression: 'event.data.cpu', allow: null } },
      },
      SINGLE,
    );
    parts.prefect.workQueues.add('high');
    const outcomes = await deliver(parts, ['{"id":"A-1","region":"eu","q":"high","cpu":2}']);
    expect(outcomes).toEqual([['created']]);
    const [request] = parts.prefect.createsSent;
    expect(request).toMatchObject({
      name: 'order A-1',
      tags: ['sluice', 'route:process-orders', 'eu'],
      workQueue: 'high',
      startAtEpochMs: parts.nowEpochMs + 600_000,
      jobVariablesJson: '{"cpu":2}',
    });
  });

  it('stays out of the key: a redelivery finds the run, and moves nothing', async () => {
    const parts = partsWith({ after: { kind: 'delay', delaySeconds: 600 } }, SINGLE);
    parts.prefect.planCreates('lost', 'lost', 'lost');
    await deliver(parts, ['{"id":1}']);
    parts.letLeasesEnd();
    await deliver(parts, ['{"id":1}'], 2);
    const keys = new Set(parts.prefect.createsSent.map(({ idempotencyKey }) => idempotencyKey));
    expect(keys.size).toBe(1);
    expect(parts.prefect.flowRuns).toHaveLength(1);
    expect(parts.prefect.flowRuns[0]?.startAtEpochMs).toBe(1_790_000_000_000 + 600_000);
  });

  it('costs a route without it no request', async () => {
    const parts = new PipelineParts(sqsConfig(SINGLE));
    await deliver(parts, ['{"id":1}']);
    expect(parts.prefect.workQueuesAsked).toEqual([]);
  });
});

describe('an event that chooses a work queue', () => {
  it('that is not in the list is dead-lettered alone, and no queue is created', async () => {
    const parts = partsWith({ workQueue: QUEUE });
    parts.prefect.workQueues.add('high');
    const outcomes = await deliver(parts, ['{"q":"evil"}', '{"q":"high"}']);
    expect(outcomes).toEqual([['dead-lettered', 'unknown-work-queue'], ['created']]);
    expect([...parts.prefect.workQueues]).toEqual(['default', 'high']);
  });

  it('that is in the list and not in Prefect waits for it, and no queue is created', async () => {
    const parts = partsWith({ workQueue: QUEUE });
    expect(await deliver(parts, ['{"q":"low"}'])).toEqual([['retry', 'work-queue-not-found']]);
    expect(parts.prefect.flowRuns).toEqual([]);
    expect([...parts.prefect.workQueues]).toEqual(['default']);
    parts.prefect.workQueues.add('low');
    parts.letLeasesEnd();
    expect(await deliver(parts, ['{"q":"low"}'], 2)).toEqual([['created']]);
    expect(parts.prefect.flowRuns[0]?.workQueue).toBe('low');
  });

  it('is dead-lettered with its own code when it waited in a window, and the others run', async () => {
    const expression = 'events.exists(e, e.data.q == "evil") ? "evil" : "high"';
    const parts = partsWith({ workQueue: { ...QUEUE, expression } }, WINDOW);
    parts.prefect.workQueues.add('high');
    const outcomes = await deliver(parts, ['{"q":"high"}', '{"q":"evil"}', '{"q":"high"}']);
    expect(outcomes).toEqual([['held'], ['held'], ['held']]);
    parts.nowEpochMs += 10_000;
    await parts.flushDue();
    expect(parts.orders.flat()).toHaveLength(2);
    const codes = parts.deadLetters.messages.map((message) => (JSON.parse(message) as { code: string }).code);
    expect(codes).toEqual(['unknown-work-queue']);
    expect([...parts.prefect.workQueues]).toEqual(['default', 'high']);
  });
});

describe('an event that chooses its start', () => {
  it('too far away is dead-lettered when its run is created', async () => {
    const after = { kind: 'chosen', expression: 'event.data.at', atMostSeconds: 86_400 } as const;
    const parts = partsWith({ after }, SINGLE);
    const outcomes = await deliver(parts, ['{"at":"9999-12-31T23:59:59Z"}', '{"at":"2026-09-21T15:00:00Z"}']);
    expect(outcomes).toEqual([['dead-lettered', 'invalid-run-option'], ['created']]);
    const alive = parts.prefect.flowRuns.filter(({ stateName }) => stateName === 'Scheduled');
    expect(alive.map(({ startAtEpochMs }) => startAtEpochMs)).toEqual([Date.parse('2026-09-21T15:00:00Z')]);
  });
});

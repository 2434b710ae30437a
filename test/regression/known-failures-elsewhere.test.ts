/**
 * What went wrong in other systems where batching, debouncing, deduplication and crashes meet, as their users and
 * maintainers published it, held against Sluice: the pipeline and the flush over fakes that pass the contract suites of
 * the real parts.
 */
import { describe, expect, it } from 'vitest';
import type { CompiledCoalescing } from '../../lib/compiled-config/compiled-coalescing.ts';
import { mustRedeliver, type EventOutcome } from '../../lib/outcome.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../support/builders/pipeline-parts.ts';

const SECOND = 1_000;
const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 };
const INVOCATION = { ...CAPS, mode: 'invocation' } as const;
const WINDOW = { ...CAPS, mode: 'window', maxWaitSeconds: 10, bypassWhen: null } as const;
const DEBOUNCE = {
  ...CAPS,
  mode: 'debounce',
  quietSeconds: 5,
  maxWaitSeconds: 12,
  bypassWhen: null,
} as const;

/** Events are the same when their `n` is. */
function partsFor(coalesce: CompiledCoalescing, faults?: ConstructorParameters<typeof PipelineParts>[1]) {
  const dedupe = { key: 'event.data.n', retentionSeconds: 86_400 };
  return new PipelineParts(sqsConfig({ coalesce, dedupe }), faults);
}

async function deliver(parts: PipelineParts, numbers: readonly number[], deliveryCount = 1) {
  const outcomes = await parts.run(
    numbers.map((n, index) => sqsRecord(`m${n}-${index}`, `{"n":${n}}`, deliveryCount)),
  );
  return outcomes.map(({ outcome }) => outcome.kind);
}

function mustComeAgain(outcomes: readonly EventOutcome[]): boolean {
  return mustRedeliver(outcomes.map(({ outcome }) => outcome));
}

/** Sealed windows and those that are due become runs. */
async function letWindowsEnd(parts: PipelineParts): Promise<void> {
  parts.nowEpochMs += 20 * SECOND;
  await parts.flushDue();
}

function numbersByRun(parts: PipelineParts): number[][] {
  return parts.orders.map((orders) => (orders as { readonly n: number }[]).map(({ n }) => n));
}

function inOrder(numbers: readonly number[]): number[] {
  return numbers.toSorted((one, other) => one - other);
}

describe('append succeeded but timer not armed', () => {
  // Inngest: the first event of a batch is stored, its answer lost; the retry finds a duplicate and schedules nothing,
  // so that the batch is stuck. https://github.com/inngest/inngest/pull/3590 https://github.com/inngest/inngest/pull/3675
  it('cannot happen when the answer to the append is lost: its timer is there before it', async () => {
    let timersAtAppend = 0;
    const parts: PipelineParts = partsFor(WINDOW, {
      windows: (operation) => {
        if (operation !== 'append' || timersAtAppend > 0) return 'none';
        timersAtAppend = parts.timers.timers.length;
        return 'lost-answer';
      },
    });
    await deliver(parts, [1]);
    expect(timersAtAppend).toBe(1);
    expect(await deliver(parts, [1], 2)).toEqual(['duplicate']);
    await letWindowsEnd(parts);
    expect(numbersByRun(parts)).toEqual([[1]]);
  });

  // Inngest: an error of the scheduler was swallowed, and the source's message acknowledged.
  // https://github.com/inngest/inngest/pull/4749
  it('cannot happen when the timer is refused: nothing is stored, and the event is redelivered', async () => {
    const parts = partsFor(WINDOW);
    const sendTimers = parts.timers.sendTimers.bind(parts.timers);
    parts.timers.sendTimers = (timers) => Promise.resolve(timers.map((_, index) => index));
    const refused = await parts.run([sqsRecord('m1', '{"n":1}')]);
    expect(mustComeAgain(refused)).toBe(true);
    expect(parts.windows.windows.size).toBe(0);

    parts.timers.sendTimers = sendTimers;
    parts.letLeasesEnd();
    expect(await deliver(parts, [1], 2)).toEqual(['held']);
    await letWindowsEnd(parts);
    expect(numbersByRun(parts)).toEqual([[1]]);
  });
});

describe('arrival while flushing', () => {
  // Windmill: what came while the survivor of a debounce was running was marked as done, and the running job deleted.
  // https://github.com/windmill-labs/windmill/pull/9780 https://github.com/windmill-labs/windmill/pull/9781
  it.each([
    ['window', WINDOW],
    ['debounce', DEBOUNCE],
  ])('opens the next %s: neither the event nor the flush is lost', async (_, coalesce) => {
    const parts = partsFor(coalesce);
    await deliver(parts, [1, 2, 3]);
    const createFlowRun = parts.prefect.createFlowRun.bind(parts.prefect);
    const arrivals = [101, 102, 103];
    parts.prefect.createFlowRun = async (request) => {
      for (const arrival of arrivals.splice(0)) expect(await deliver(parts, [arrival])).toEqual(['held']);
      return createFlowRun(request);
    };
    await letWindowsEnd(parts);
    await letWindowsEnd(parts);
    expect(numbersByRun(parts)).toEqual([
      [1, 2, 3],
      [101, 102, 103],
    ]);
  });
});

describe('duplicate id inside a debounce', () => {
  // Inngest: idempotency is ignored by debouncing and batching, as its guide says.
  // https://www.inngest.com/docs/guides/handling-idempotency
  it('is in the run once, whether it comes in the same delivery, later, or after the flush', async () => {
    const parts = partsFor(DEBOUNCE);
    expect((await deliver(parts, [1, 2, 1])).toSorted()).toEqual(['duplicate', 'held', 'held']);
    parts.nowEpochMs += 2 * SECOND;
    expect(await deliver(parts, [2, 3])).toEqual(['duplicate', 'held']);
    await letWindowsEnd(parts);
    expect(await deliver(parts, [1, 3])).toEqual(['duplicate', 'duplicate']);
    await letWindowsEnd(parts);
    expect(numbersByRun(parts)).toEqual([[1, 2, 3]]);
  });

  // Redpanda Connect: what a broker delivers again goes into the same open batch a second time.
  // https://github.com/redpanda-data/connect/issues/788
  it('is in the window once when the source delivers all of it again while it is open', async () => {
    const parts = partsFor(WINDOW);
    await deliver(parts, [1, 2, 3]);
    expect(await deliver(parts, [1, 2, 3], 2)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    await letWindowsEnd(parts);
    expect(numbersByRun(parts)).toEqual([[1, 2, 3]]);
  });
});

describe('batch key error', () => {
  // Inngest: an event on which a key's expression failed was retried for ever, or made the append fail.
  // https://github.com/inngest/inngest/pull/2613
  it.each([
    ['invocation', INVOCATION],
    ['window', WINDOW],
  ])('in mode %s dead-letters that event with its reason; its neighbors go on', async (_, coalesce) => {
    const parts = partsFor({ ...coalesce, key: 'event.data.region' });
    const outcomes = await parts.run([
      sqsRecord('m1', '{"n":1,"region":"eu"}'),
      sqsRecord('m2', '{"n":2}'),
      sqsRecord('m3', '{"n":3,"region":"eu"}'),
    ]);
    expect(mustComeAgain(outcomes)).toBe(false);
    await letWindowsEnd(parts);
    expect(numbersByRun(parts)).toEqual([[1, 3]]);
    expect(parts.deadLetters.messages.map((letter) => JSON.parse(letter) as unknown)).toMatchObject([
      { code: 'expression-failed', record: { id: 'm2' } },
    ]);
  });
});

describe('late arrival after sealing', () => {
  // Redpanda Connect: events that come after their window has ended are dropped.
  // https://docs.redpanda.com/redpanda-connect/components/buffers/system_window/
  it('is in the next window: a sealed one takes nothing more, and nothing is dropped', async () => {
    const parts = partsFor(WINDOW);
    await deliver(parts, [1, 2]);
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    await letWindowsEnd(parts);
    parts.prefect.outage = null;
    expect(await deliver(parts, [3])).toEqual(['held']);
    parts.letLeasesEnd();
    await letWindowsEnd(parts);
    await letWindowsEnd(parts);
    expect(numbersByRun(parts)).toEqual([[1, 2], [3]]);
  });

  it('is in the next window when the seal comes between the reading of the window and the append', async () => {
    const parts = partsFor(WINDOW);
    await deliver(parts, [1]);
    const append = parts.windows.append.bind(parts.windows);
    let seals = 1;
    parts.windows.append = async (each) => {
      if (seals-- > 0) await letWindowsEnd(parts);
      return append(each);
    };
    parts.nowEpochMs += 5 * SECOND;
    expect(await deliver(parts, [2])).toEqual(['held']);
    await letWindowsEnd(parts);
    expect(numbersByRun(parts)).toEqual([[1], [2]]);
  });
});

describe('count off by one', () => {
  // Windmill: a limit of two let three events into a batch, and left jobs behind.
  // https://github.com/windmill-labs/windmill/pull/8307
  it.each([
    ['window', WINDOW],
    ['debounce', DEBOUNCE],
  ])(
    'does not happen: with two at most, five events are runs of two, two and one (%s)',
    async (_, coalesce) => {
      const parts = partsFor({ ...coalesce, maxEvents: 2 });
      for (const n of [1, 2, 3, 4, 5]) await deliver(parts, [n]);
      await letWindowsEnd(parts);
      expect(numbersByRun(parts)).toEqual([[1, 2], [3, 4], [5]]);
    },
  );
});

describe('cap exceeded by concurrent appends', () => {
  // Inngest: batches of more than 150 where 10 were allowed, since appends came between "full" and the flush.
  // https://github.com/inngest/inngest/pull/3871
  it('does not happen: sixty appends at the same time fill windows of ten, and no event is lost', async () => {
    const parts = partsFor({ ...WINDOW, maxEvents: 10 });
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    await Promise.all(numbers.map((n) => deliver(parts, [n])));
    for (let again = 2; again < 6; again++) {
      parts.letLeasesEnd();
      await deliver(parts, numbers, again);
    }
    await letWindowsEnd(parts);
    const runs = numbersByRun(parts);
    expect(inOrder(runs.flat())).toEqual(numbers);
    expect(Math.max(...runs.map((run) => run.length))).toBeLessThanOrEqual(10);
  });
});

describe('poison sinks its batch', () => {
  // Flink's and Aiven's HTTP sinks resend or fail the batch that holds a record which the target refuses.
  // https://issues.apache.org/jira/browse/FLINK-40278 https://github.com/Aiven-Open/http-connector-for-apache-kafka
  it.each([
    ['none', { mode: 'none' } as const],
    ['invocation', INVOCATION],
    ['window', WINDOW],
  ])('does not happen in mode %s: it goes to the dead-letter queue alone', async (_, coalesce) => {
    const parts = partsFor(coalesce);
    parts.prefect.refuseWhen(({ parametersJson }) =>
      parametersJson.includes('666') ? { status: 409, detail: 'n must be less than 100' } : null,
    );
    const outcomes = await parts.run([1, 2, 666, 3, 4].map((n) => sqsRecord(`m${n}`, `{"n":${n}}`)));
    expect(mustComeAgain(outcomes)).toBe(false);
    await letWindowsEnd(parts);
    expect(inOrder(numbersByRun(parts).flat())).toEqual([1, 2, 3, 4]);
    expect(parts.deadLetters.messages).toHaveLength(1);
    expect(parts.deadLetters.messages[0]).toContain('666');
  });
});

describe('dedupe key kept although the output failed', () => {
  // Redpanda Connect: the cache keeps the key of a message that never left, and the message is dropped when it comes again.
  // https://docs.redpanda.com/redpanda-connect/components/processors/dedupe/
  it.each([
    ['none', { mode: 'none' } as const],
    ['invocation', INVOCATION],
  ])('loses nothing in mode %s: what is claimed and in no run is not a duplicate', async (_, coalesce) => {
    const parts = partsFor(coalesce);
    const createFlowRun = parts.prefect.createFlowRun.bind(parts.prefect);
    const unavailable = { kind: 'unavailable', status: 503, detail: 'down', retryAfterMs: null } as const;
    parts.prefect.createFlowRun = () => Promise.resolve(unavailable);
    expect(await deliver(parts, [1, 2])).toEqual(['retry', 'retry']);
    expect(parts.claims.claims.size).toBe(2);

    parts.prefect.createFlowRun = createFlowRun;
    parts.letLeasesEnd();
    expect(await deliver(parts, [1, 2, 3], 2)).toEqual(['created', 'created', 'created']);
    expect(inOrder(numbersByRun(parts).flat())).toEqual([1, 2, 3]);
  });

  // Kestra: messages of SQS are deleted, and no execution is there. https://github.com/kestra-io/plugin-aws/issues/736
  it('leaves the message on the queue as long as Prefect is down', async () => {
    const parts = partsFor(INVOCATION);
    parts.prefect.outage = { status: 0, retryAfterMs: null };
    expect(mustComeAgain(await parts.run([sqsRecord('m1', '{"n":1}')]))).toBe(true);
  });
});

describe('debounce that never ends', () => {
  // Trigger.dev: without `maxDelay` events that keep coming starve the run. https://trigger.dev/docs/triggering
  it('ends at its deadline, however often events come', async () => {
    const parts = partsFor(DEBOUNCE);
    for (let n = 0; n < 8; n++) {
      await deliver(parts, [n]);
      parts.nowEpochMs += 3 * SECOND;
      await parts.flushDue();
    }
    expect(numbersByRun(parts)[0]).toEqual([0, 1, 2, 3]);
  });
});

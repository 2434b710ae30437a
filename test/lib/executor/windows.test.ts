/** Windows from records to flow runs, over fakes that pass the contract suites of the real parts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledWindowing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import { makeCompiledConfig, makeRoute, makeSqsSource } from '../../support/builders/compiled-config.ts';
import type { CreateFate } from '../../support/fakes/fake-prefect.ts';
import type { Fault } from '../../support/proxies/fault.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';

const CAPS = { key: null, maxEvents: 100, maxBytes: 400_000 };
const WINDOW = { ...CAPS, mode: 'window', maxWaitSeconds: 10, bypassWhen: null } as const;
const DEBOUNCE = {
  ...CAPS,
  mode: 'debounce',
  quietSeconds: 5,
  maxWaitSeconds: 12,
  bypassWhen: null,
} as const;
const SLIDING = { ...CAPS, mode: 'sliding', sizeSeconds: 30, everySeconds: 10 } as const;

interface Order {
  readonly n: number;
}

function windowed(coalesce: CompiledWindowing, ...rest: ConstructorParameters<typeof PipelineParts>[1][]) {
  const dedupe = { key: 'event.data.n', retentionSeconds: 86_400 };
  return new PipelineParts(sqsConfig({ coalesce, dedupe }), ...rest);
}

async function deliver(parts: PipelineParts, numbers: readonly number[], deliveryCount = 1) {
  const records = numbers.map((n) => sqsRecord(`m${n}`, `{"n":${n}}`, deliveryCount));
  const outcomes = await parts.run(records);
  return outcomes.map(({ outcome }) => outcome.kind);
}

function numbersByRun(parts: PipelineParts): number[][] {
  return parts.orders.map((orders) => (orders as Order[]).map(({ n }) => n));
}

function reasons(parts: PipelineParts): unknown[] {
  return parts.prefect.flowRuns.map(({ labels }) => labels['sluice.reason']);
}

const SECOND = 1_000;

describe('a window', () => {
  it('holds events until its time is over, then they are one run, in the order of arrival', async () => {
    const parts = windowed(WINDOW);
    expect(await deliver(parts, [3, 1])).toEqual(['held', 'held']);
    parts.nowEpochMs += 4 * SECOND;
    expect(await deliver(parts, [2])).toEqual(['held']);
    expect(await parts.flushDue()).toEqual([]);
    parts.nowEpochMs += 6 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[3, 1, 2]]);
    expect(parts.prefect.flowRuns[0]?.labels).toMatchObject({
      'sluice.reason': 'time',
      'sluice.window.start': '2026-09-21T14:13:20.000Z',
      'sluice.window.end': '2026-09-21T14:13:30.000Z',
    });
  });

  it('is closed by the event that fills it, and the next one begins', async () => {
    const parts = windowed({ ...WINDOW, maxEvents: 3 });
    await deliver(parts, [1, 2]);
    await deliver(parts, [3]);
    await deliver(parts, [4]);
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1, 2, 3]]);
    parts.nowEpochMs += 10 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1, 2, 3], [4]]);
    expect(reasons(parts)).toEqual(['count', 'time']);
  });

  it('is closed before its bytes overflow; what is larger than all of them goes alone, at once', async () => {
    const parts = windowed({ ...WINDOW, maxBytes: 20 });
    await deliver(parts, [1, 2]);
    await deliver(parts, [1_000_000]);
    expect(await deliver(parts, [1e18])).toEqual(['created']);
    await parts.flushDue();
    parts.nowEpochMs += 10 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1e18], [1, 2], [1_000_000]]);
    expect(reasons(parts)).toEqual(['bytes', 'bytes', 'time']);
  });

  it('keeps keys apart, and says in the run which one it is', async () => {
    const parts = windowed({ ...WINDOW, key: 'event.data.n % 2 == 0' });
    await deliver(parts, [1, 2, 3, 4]);
    parts.nowEpochMs += 10 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([
      [1, 3],
      [2, 4],
    ]);
    const keys = parts.prefect.flowRuns.map(({ labels }) => labels['sluice.window.key']);
    expect(keys).toEqual(['false', 'true']);
  });

  it('does not count an event twice that is redelivered before or after the flush', async () => {
    const parts = windowed({ ...WINDOW, maxEvents: 3 });
    await deliver(parts, [1, 1, 2]);
    expect(await deliver(parts, [2, 1], 2)).toEqual(['duplicate', 'duplicate']);
    expect(await parts.flushDue()).toEqual([]);
    parts.nowEpochMs += 10 * SECOND;
    await parts.flushDue();
    expect(await deliver(parts, [1, 2], 3)).toEqual(['duplicate', 'duplicate']);
    expect(numbersByRun(parts)).toEqual([[1, 2]]);
  });

  it('is closed at once by an event that must not wait, and takes along what was waiting', async () => {
    const parts = windowed({ ...WINDOW, bypassWhen: 'event.data.n == 9' });
    await deliver(parts, [1]);
    await deliver(parts, [9]);
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1, 9]]);
    expect(reasons(parts)).toEqual(['bypass']);
  });

  it('costs its poison event alone: it is dead-lettered from the window, and its neighbors run', async () => {
    const parts = windowed(WINDOW);
    parts.prefect.refuseWhen(({ parametersJson }) =>
      parametersJson.includes('13') ? { status: 409, detail: 'no' } : null,
    );
    await deliver(parts, [1, 13, 2]);
    parts.nowEpochMs += 10 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts).flat().sort()).toEqual([1, 2]);
    expect(parts.deadLetters.messages.map((letter) => JSON.parse(letter) as unknown)).toMatchObject([
      { source: 'jobs', route: 'process-orders', code: 'refused-by-prefect', record: { encoding: 'text' } },
    ]);
    expect(await deliver(parts, [13], 2)).toEqual(['duplicate']);
  });

  it('is not marked while a dead letter could not be stored, and sends it with the next flush', async () => {
    let isDown = true;
    const parts = windowed(WINDOW, { deadLetters: () => (isDown ? 'lost-request' : 'none') });
    parts.prefect.refuseWhen(({ dead }) => (dead === null ? { status: 409, detail: 'no' } : null));
    await deliver(parts, [1]);
    parts.nowEpochMs += 10 * SECOND;
    expect((await parts.flushDue())[0]?.result.kind).toBe('retry');
    isDown = false;
    parts.letLeasesEnd();
    expect((await parts.flushDue())[0]?.result.kind).toBe('flushed');
    expect(parts.deadLetters.messages).toHaveLength(1);
  });

  it('waits for a Prefect that is down, and is flushed once when it is back', async () => {
    const parts = windowed(WINDOW);
    await deliver(parts, [1, 2]);
    parts.nowEpochMs += 10 * SECOND;
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    expect((await parts.flushDue())[0]?.result.kind).toBe('retry');
    parts.prefect.outage = null;
    await deliver(parts, [3]);
    parts.nowEpochMs += 10 * SECOND;
    parts.letLeasesEnd();
    await parts.flushDue();
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1, 2], [3]]);
  });

  it('splits what Prefect does not take in one run, each part under a key of its own', async () => {
    const parts = windowed(WINDOW);
    parts.prefect.refuseWhen(({ labels }) =>
      Number(labels['sluice.count']) > 2 ? { status: 413, detail: 'too large' } : null,
    );
    await deliver(parts, [1, 2, 3, 4, 5]);
    parts.nowEpochMs += 10 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts).flat()).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(parts.prefect.flowRuns.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3);
  });

  it('goes to the deployment that took the place of a deleted one', async () => {
    const parts = windowed(WINDOW);
    await deliver(parts, [1, 2]);
    for (const { deploymentId } of await deployments(parts)) parts.prefect.deleteDeployment(deploymentId);
    const moved = parts.prefect.createDeployment('process-orders', 'prod');
    parts.nowEpochMs += 10 * SECOND;
    await parts.flushDue();
    expect(parts.prefect.flowRuns.map(({ deploymentId }) => deploymentId)).toEqual([moved]);
    expect(numbersByRun(parts)).toEqual([[1, 2]]);
  });

  it.each([
    ['that was changed', [makeRoute({ from: ['jobs'], coalesce: { ...WINDOW, maxWaitSeconds: 99 } })]],
    ['that was removed', []],
    ['that has no windows any more', [makeRoute({ from: ['jobs'], coalesce: { mode: 'none' } })]],
  ])('of a route %s is flushed as it was when it was opened, and not waited for', async (_, routes) => {
    const parts = windowed(WINDOW);
    await deliver(parts, [1, 2]);
    const changed = makeCompiledConfig([makeSqsSource()], { routes });
    const [timer] = parts.timers.timers.splice(0);
    if (timer !== undefined) parts.timers.timers.push({ ...timer, dueEpochMs: parts.nowEpochMs });
    await parts.flushDue(changed);
    expect(numbersByRun(parts)).toEqual([[1, 2]]);
    expect(reasons(parts)).toEqual(['route-changed']);
  });

  it('opens none that has no timer', async () => {
    const parts = windowed(WINDOW);
    parts.timers.sendTimers = (timers) => Promise.resolve(timers.map((_, index) => index));
    expect(await deliver(parts, [1])).toEqual(['retry']);
    expect(parts.windows.windows.size).toBe(0);
  });
});

describe('a debounce', () => {
  it('ends when it was quiet for long enough, and at the latest at its deadline', async () => {
    const parts = windowed(DEBOUNCE);
    await deliver(parts, [1]);
    for (const n of [2, 3]) {
      parts.nowEpochMs += 4 * SECOND;
      await deliver(parts, [n]);
      await parts.flushDue();
    }
    expect(numbersByRun(parts)).toEqual([]);
    parts.nowEpochMs += 4 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1, 2, 3]]);
    await deliver(parts, [4]);
    parts.nowEpochMs += 5 * SECOND;
    await parts.flushDue();
    expect(reasons(parts)).toEqual(['time', 'quiet']);
  });

  it('is not prolonged by an event that it has already', async () => {
    const parts = windowed(DEBOUNCE);
    await deliver(parts, [1]);
    parts.nowEpochMs += 4 * SECOND;
    expect(await deliver(parts, [1], 2)).toEqual(['duplicate']);
    parts.nowEpochMs += 1 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1]]);
  });
});

describe('windows that overlap', () => {
  it('hold each event in every window that covers it, once, and end when nothing is left to cover', async () => {
    const parts = windowed(SLIDING);
    await deliver(parts, [1]);
    parts.nowEpochMs += 10 * SECOND;
    await deliver(parts, [2]);
    for (let pane = 0; pane < 8; pane++) {
      await parts.flushDue();
      parts.nowEpochMs += 10 * SECOND;
    }
    expect(numbersByRun(parts)).toEqual([[1], [1, 2], [1, 2], [2]]);
    expect(parts.timers.timers).toEqual([]);
    expect([...parts.windows.windows.values()].every(({ window }) => window.isClosed)).toBe(true);
  });

  it('flush in any order: an earlier one that Prefect refused for a while still has its events', async () => {
    const parts = windowed(SLIDING);
    await deliver(parts, [1]);
    const failing: CreateFate[] = Array.from({ length: 3 }, () => ({ status: 503 }));
    parts.nowEpochMs += 10 * SECOND;
    parts.prefect.planCreates(...failing);
    const [late] = parts.timers.takeDue(parts.nowEpochMs);
    // The chain of timers goes on by the windows themselves; the first one's message comes back last.
    for (let pane = 0; pane < 5; pane++) {
      const next = late && { ...late, ref: { ...late.ref, sequence: late.ref.sequence + pane } };
      if (next !== undefined && pane > 0) parts.timers.timers.push(next);
      await parts.flushDue();
      parts.nowEpochMs += 10 * SECOND;
    }
    if (late !== undefined) parts.timers.timers.push(late);
    parts.letLeasesEnd();
    await parts.flushDue();
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1], [1], [1]]);
  });

  it('split what is more than the caps of a run', async () => {
    const parts = windowed({ ...SLIDING, maxEvents: 2, maxBytes: 1_000 });
    await deliver(parts, [1, 2, 3]);
    parts.nowEpochMs += 10 * SECOND;
    await parts.flushDue();
    expect(numbersByRun(parts)).toEqual([[1, 2], [3]]);
  });
});

describe('windows, whatever the table and Prefect lose', () => {
  it.each([
    ['window', { ...WINDOW, maxEvents: 4 }],
    ['debounce', { ...DEBOUNCE, maxEvents: 4 }],
  ])('in mode %s have every event in exactly one run, within the caps', async (_, coalesce) => {
    const fault = fc.constantFrom<Fault>('none', 'none', 'none', 'lost-request', 'lost-answer');
    const fate = fc.constantFrom<CreateFate>('answered', 'answered', 'lost', 'late', { status: 503 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 40 }),
        fc.array(fault, { maxLength: 60 }),
        fc.array(fate, { maxLength: 8 }),
        fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        async (claimFaults, windowFaults, fates, deliveries) => {
          const claims = [...claimFaults];
          const windows = [...windowFaults];
          const isRead = (operation: string): boolean => operation.startsWith('read');
          const parts = windowed(coalesce, {
            claims: (operation) => (isRead(operation) ? 'none' : (claims.shift() ?? 'none')),
            windows: (operation) => (isRead(operation) ? 'none' : (windows.shift() ?? 'none')),
          });
          parts.prefect.planCreates(...fates);
          for (const numbers of deliveries) {
            await deliver(parts, numbers);
            parts.nowEpochMs += 3 * SECOND;
            await parts.flushDue();
          }
          parts.prefect.landLateCreates();
          const all = [...new Set(deliveries.flat())].toSorted((a, b) => a - b);
          for (let again = 2; again < 12; again++) {
            parts.letLeasesEnd();
            await deliver(parts, all, again);
            await parts.flushDue();
          }
          parts.letLeasesEnd();
          await parts.flushDue();
          expect(
            numbersByRun(parts)
              .flat()
              .toSorted((a, b) => a - b),
          ).toEqual(all);
          for (const run of numbersByRun(parts)) expect(run.length).toBeLessThanOrEqual(4);
        },
      ),
      { numRuns: 200 },
    );
  });
});

async function deployments(parts: PipelineParts): Promise<readonly { readonly deploymentId: string }[]> {
  const result = await parts.prefect.resolveDeployment('process-orders', 'prod');
  return result.kind === 'deployment' ? [result] : [];
}

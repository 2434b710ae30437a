/** "A window is flushed under the route as it was when the window was opened" (docs/windows.md). */
import { describe, expect, it } from 'vitest';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import { makeRoute } from '../../support/builders/compiled-config.ts';
import { PipelineParts, sqsConfig } from '../../support/builders/pipeline-parts.ts';
import { deliverUnder } from '../../support/builders/redeployment.ts';

const WINDOW = {
  mode: 'window',
  key: null,
  maxEvents: 100,
  maxBytes: 400_000,
  maxWaitSeconds: 60,
  bypassWhen: null,
} as const;
const SLIDING = {
  mode: 'sliding',
  key: null,
  maxEvents: 100,
  maxBytes: 400_000,
  sizeSeconds: 30,
  everySeconds: 10,
} as const;
const DAY_SECONDS = 86_400;
const dedupe = { key: 'event.data.id', retentionSeconds: 2 * DAY_SECONDS };

function configOf(version: string, coalesce: typeof WINDOW | typeof SLIDING = WINDOW): CompiledConfig {
  const expression = `events.map(e, {"v": "${version}", "id": e.data.id})`;
  const run = {
    ...makeRoute().run,
    tags: [version],
    parameters: { orders: { expression, as: 'json' } },
  } as const;
  return sqsConfig({ dedupe, coalesce, run });
}

const OLD = configOf('old');
const NEW = configOf('new');

function runsOf(parts: PipelineParts): readonly string[] {
  return parts.prefect.flowRuns.map(
    ({ labels, tags }) => `${String(labels['sluice.reason'])} ${tags.at(-1) ?? ''}`,
  );
}

describe('a route that is deployed with other content while its windows are open', () => {
  it('flushes a window that the next event closes with the parameters and tags that it was opened under', async () => {
    const parts = new PipelineParts(OLD);
    await deliverUnder(parts, OLD, ['a', 'b']);
    parts.nowEpochMs += 5_000;
    await deliverUnder(parts, NEW, ['c']);
    await parts.flushDue(NEW);
    expect(runsOf(parts)).toEqual(['route-changed old']);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(NEW);
    expect(runsOf(parts)).toEqual(['route-changed old', 'time new']);
    expect(parts.orders.flat()).toEqual([
      { v: 'old', id: 'a' },
      { v: 'old', id: 'b' },
      { v: 'new', id: 'c' },
    ]);
  });

  it('dead-letters no healthy event when each deployment refuses the parameters of the other version', async () => {
    const moved = sqsConfig({
      dedupe,
      coalesce: WINDOW,
      run: {
        ...makeRoute().run,
        deployment: 'v2',
        parameters: { renamed: { expression: 'events.map(e, e.data)', as: 'json' } },
      },
    });
    const parts = new PipelineParts(OLD);
    const v2 = parts.prefect.createDeployment('process-orders', 'v2');
    parts.prefect.refuseWhen(({ deploymentId, parametersJson, dead }) =>
      dead === null && (deploymentId === v2) !== parametersJson.includes('renamed')
        ? { status: 409, detail: 'the parameters do not match the schema' }
        : null,
    );
    await deliverUnder(parts, OLD, ['a', 'b', 'c']);
    parts.nowEpochMs += 5_000;
    await deliverUnder(parts, moved, ['d']);
    await parts.flushDue(moved);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(moved);
    expect(parts.deadLetters.messages).toEqual([]);
    expect(parts.prefect.flowRuns).toHaveLength(2);
  });

  it('never closes a window early by the timer of a worker that did not open it', async () => {
    const parts = new PipelineParts(OLD);
    const append = parts.windows.append.bind(parts.windows);
    // A worker of the old version sets its timer and dies; one of the new version opens the same sequence.
    parts.windows.append = () => Promise.reject(new Error('killed'));
    await deliverUnder(parts, OLD, ['x']);
    parts.windows.append = append;
    parts.nowEpochMs += 1_000;
    await deliverUnder(parts, NEW, ['a', 'b']);
    parts.nowEpochMs += 59_500;
    expect((await parts.flushDue(NEW)).map(({ result }) => result.kind)).toEqual(['not-due']);
    expect(parts.prefect.flowRuns).toEqual([]);
    parts.nowEpochMs += 5_000;
    await parts.flushDue(NEW);
    expect(runsOf(parts)).toEqual(['time new']);
  });

  it('flushes each sliding window under the version of its own pane, and holds each event once in each window', async () => {
    const older = configOf('old', SLIDING);
    const newer = configOf('new', SLIDING);
    const parts = new PipelineParts(older);
    await deliverUnder(parts, older, ['a']);
    for (let step = 0; step < 12; step++) {
      parts.nowEpochMs += 5_000;
      if (step === 1) await deliverUnder(parts, newer, ['b']);
      await parts.flushDue(newer);
    }
    const ids = (parts.orders.flat() as { readonly id: string }[]).map(({ id }) => id).sort();
    expect(ids).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  });

  it('keeps a window open when only `from` or `when` of its route changes', async () => {
    const parts = new PipelineParts(OLD);
    const filtered = sqsConfig({ ...OLD.routes[0], when: 'event.data.id != "z"' });
    await deliverUnder(parts, OLD, ['a']);
    parts.nowEpochMs += 5_000;
    await deliverUnder(parts, filtered, ['b']);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(filtered);
    expect(runsOf(parts)).toEqual(['time old']);
    expect(parts.orders).toHaveLength(1);
  });

  it('makes one run of an event that was accepted under a longer retention, whenever its duplicate arrives', async () => {
    const retaining = (days: number, maxEvents: number): CompiledConfig =>
      sqsConfig({
        dedupe: { key: 'event.data.id', retentionSeconds: days * DAY_SECONDS },
        coalesce: { ...WINDOW, maxEvents },
      });
    const long = retaining(15, 100);
    const short = retaining(2, 99);
    const parts = new PipelineParts(long);
    await deliverUnder(parts, long, ['a']);
    parts.nowEpochMs += 5_000;
    await deliverUnder(parts, short, ['b']);
    await parts.flushDue(short);
    parts.nowEpochMs += 5 * DAY_SECONDS * 1_000;
    await parts.flushDue(short);
    parts.nowEpochMs += 5 * DAY_SECONDS * 1_000;
    parts.claims.deleteExpired(parts.nowEpochMs / 1_000);
    parts.windows.deleteExpired(parts.nowEpochMs / 1_000);
    expect(await deliverUnder(parts, short, ['a'], '-again')).toEqual(['duplicate']);
  });

  it('keeps a chunk as long as the claims that an earlier worker made under a longer retention', async () => {
    const retaining = (days: number): CompiledConfig =>
      sqsConfig({ dedupe: { key: 'event.data.id', retentionSeconds: days * DAY_SECONDS }, coalesce: WINDOW });
    const long = retaining(15);
    const short = retaining(2);
    const parts = new PipelineParts(long);
    const append = parts.windows.append.bind(parts.windows);
    // The first worker claims and dies; the second adds the batch to a window of the shorter retention.
    parts.windows.append = () => Promise.reject(new Error('killed'));
    await deliverUnder(parts, long, ['a']);
    parts.windows.append = append;
    parts.letLeasesEnd();
    await deliverUnder(parts, short, ['a']);
    parts.nowEpochMs += 70_000;
    await parts.flushDue(short);
    parts.nowEpochMs += 10 * DAY_SECONDS * 1_000;
    parts.claims.deleteExpired(parts.nowEpochMs / 1_000);
    parts.windows.deleteExpired(parts.nowEpochMs / 1_000);
    expect(await deliverUnder(parts, short, ['a'], '-again')).toEqual(['duplicate']);
  });
});

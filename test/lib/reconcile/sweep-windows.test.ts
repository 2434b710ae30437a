import { describe, expect, it } from 'vitest';
import type { CompiledWindowing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledRoute } from '../../../lib/compiled-config/compiled.ts';
import { sweepWindows } from '../../../lib/reconcile/sweep-windows.ts';
import { windowIdOf, type WindowRef } from '../../../lib/windows/window.ts';
import { makeRoute } from '../../support/builders/compiled-config.ts';
import { sqsConfig, sqsRecord } from '../../support/builders/pipeline-parts.ts';
import { ReconcileParts } from '../../support/builders/reconcile-parts.ts';

const CAPS = { key: 'event.data.region', maxEvents: 100, maxBytes: 400_000 };
const WINDOW = { mode: 'window', maxWaitSeconds: 10, bypassWhen: null, ...CAPS } as const;
const DEBOUNCE = {
  mode: 'debounce',
  quietSeconds: 10,
  maxWaitSeconds: 86_400,
  bypassWhen: null,
  ...CAPS,
} as const;
const SLIDING = { mode: 'sliding', sizeSeconds: 180, everySeconds: 60, ...CAPS } as const;
const SWEEP = { scope: 'windows' } as const;

function partsWith(coalesce: CompiledWindowing): ReconcileParts {
  return new ReconcileParts(
    sqsConfig({ coalesce, dedupe: { key: 'event.data.id', retentionSeconds: 1_296_000 } }),
  );
}

/** One event for each id, whose first letter is its region. Nobody looks at the timers. */
async function receive(parts: ReconcileParts, ...ids: readonly string[]): Promise<void> {
  const bodies = ids.map((id) => JSON.stringify({ id, region: id.charAt(0) }));
  const outcomes = await parts.run(bodies.map((body, index) => sqsRecord(ids[index] ?? '', body)));
  expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(ids.map(() => 'held'));
  parts.timers.timers.length = 0;
}

/** Ids in runs, run by run. */
function idsInRuns(parts: ReconcileParts): readonly string[] {
  return parts.orders
    .map((orders) => (orders as readonly { id: string }[]).map(({ id }) => id).join(' '))
    .sort();
}

function isEverythingClosed(parts: ReconcileParts): boolean {
  return [...parts.windows.windows.values()].every(
    ({ expiresAtEpochSeconds }) => expiresAtEpochSeconds !== null,
  );
}

describe('a sweep of windows', () => {
  it('flushes windows whose timers were lost, each event into one run', async () => {
    const parts = partsWith(WINDOW);
    await receive(parts, 'a1', 'b1', 'a2');
    parts.nowEpochMs += 71_000;
    const { windows } = await parts.reconcile(SWEEP);
    expect(windows).toMatchObject({ unclosed: 2, overdue: 2, swept: 2, isComplete: true });
    expect(windows?.findings.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['overdue', null],
      ['overdue', null],
    ]);
    const runIds = parts.prefect.flowRuns.map(({ flowRunId }) => flowRunId);
    expect(windows?.findings.flatMap(({ flowRunIds }) => flowRunIds).sort()).toEqual(runIds.sort());
    expect(idsInRuns(parts)).toEqual(['a1 a2', 'b1']);
    expect(isEverythingClosed(parts)).toBe(true);
  });

  it('does not sweep windows whose timer may still arrive', async () => {
    const parts = partsWith(WINDOW);
    await receive(parts, 'a1');
    parts.nowEpochMs += 69_000;
    expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ unclosed: 1, overdue: 0, swept: 0 });
    expect(idsInRuns(parts)).toEqual([]);
  });

  it('sweeps a debounce window that went quiet, long before its deadline', async () => {
    const parts = partsWith(DEBOUNCE);
    await receive(parts, 'a1');
    parts.nowEpochMs += 71_000;
    expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ overdue: 1, swept: 1 });
    expect(idsInRuns(parts)).toEqual(['a1']);
  });

  it('finishes what an interrupted flush left undone', async () => {
    for (const operation of ['markFlushed', 'expireChunks', 'closeWindow'] as const) {
      let fails = true;
      const parts = new ReconcileParts(
        sqsConfig({ coalesce: WINDOW, dedupe: { key: 'event.data.id', retentionSeconds: 1_296_000 } }),
        { windows: (asked) => (fails && asked === operation ? 'broken' : 'none') },
      );
      await receive(parts, 'a1');
      parts.nowEpochMs += 71_000;
      expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ overdue: 1, swept: 0 });
      fails = false;
      parts.nowEpochMs += 61_000;
      expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ overdue: 1, swept: 1 });
      expect(idsInRuns(parts)).toEqual(['a1']);
      expect(isEverythingClosed(parts)).toBe(true);
      expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ unclosed: 0, overdue: 0 });
    }
  });

  it('sweeps the windows of a route that a deployment removed, under the route as it was', async () => {
    const parts = partsWith(DEBOUNCE);
    await receive(parts, 'a1', 'a2');
    const changed = new ReconcilePartsAfter(parts, [makeRoute({ from: ['jobs'] })]);
    const { windows } = await changed.reconcile(SWEEP);
    expect(windows).toMatchObject({ overdue: 1, swept: 1 });
    expect(windows?.findings).toMatchObject([{ kind: 'route-changed', isSwept: true }]);
    expect(idsInRuns(parts)).toEqual(['a1 a2']);
  });

  it('reports a window whose route cannot be read, and sweeps the others', async () => {
    const parts = partsWith(WINDOW);
    await receive(parts, 'a1', 'b1');
    const [first] = parts.windows.windows;
    if (first === undefined) throw new Error('no window was opened');
    const [windowId, stored] = first;
    const window = { ...stored.window, routeVersion: 'ffffffffffffffff' };
    parts.windows.windows.set(windowId, { ...stored, window });
    parts.nowEpochMs += 71_000;
    const { windows } = await parts.reconcile(SWEEP);
    expect(windows).toMatchObject({ overdue: 2, swept: 1 });
    expect(windows?.findings).toContainEqual(
      expect.objectContaining({ kind: 'route-unreadable', windowId, isSwept: false }),
    );
    expect(idsInRuns(parts)).toHaveLength(1);
  });

  it('sweeps every overlapping window, each with the events that it covers', async () => {
    const parts = partsWith(SLIDING);
    const paneStartMs = Math.ceil(parts.nowEpochMs / 60_000) * 60_000;
    for (const [index, id] of ['a1', 'a2', 'a3'].entries()) {
      parts.nowEpochMs = paneStartMs + index * 60_000 + 1;
      await receive(parts, id);
    }
    parts.nowEpochMs = paneStartMs + 6 * 60_000;
    const { windows } = await parts.reconcile(SWEEP);
    expect(windows).toMatchObject({ unclosed: 3, overdue: 5, swept: 5 });
    expect(idsInRuns(parts)).toEqual(['a1', 'a1 a2', 'a1 a2 a3', 'a2 a3', 'a3']);
    expect(isEverythingClosed(parts)).toBe(true);
    expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ unclosed: 0, overdue: 0 });
  });

  it("reports Prefect's outage, and sweeps the windows once Prefect responds", async () => {
    const parts = partsWith(WINDOW);
    await receive(parts, 'a1');
    parts.nowEpochMs += 71_000;
    parts.prefect.outage = { status: 503, retryAfterMs: null };
    const { windows } = await parts.reconcile(SWEEP);
    expect(windows).toMatchObject({ overdue: 1, swept: 0 });
    expect(windows?.findings[0]?.detail).toContain('503');
    parts.prefect.outage = null;
    parts.nowEpochMs += 61_000;
    expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ overdue: 1, swept: 1 });
    expect(idsInRuns(parts)).toEqual(['a1']);
  });

  it('reads each window of a series once, however many of them overlap', async () => {
    const parts = partsWith(SLIDING);
    const paneStartMs = Math.ceil(parts.nowEpochMs / 60_000) * 60_000;
    for (let pane = 0; pane < 10; pane++) {
      parts.nowEpochMs = paneStartMs + pane * 60_000 + 1;
      await receive(
        parts,
        ...Array.from({ length: 20 }, (_, key) => `${String.fromCharCode(97 + key)}${pane}`),
      );
    }
    parts.nowEpochMs = paneStartMs + 60 * 60_000;
    const read: string[] = [];
    const { windowReader } = parts.reconcilePorts;
    const counting = {
      readWindows: (refs: readonly WindowRef[]) => {
        read.push(...refs.map(windowIdOf));
        return windowReader.readWindows(refs);
      },
    };
    const ports = { ...parts.reconcilePorts, windowReader: counting };
    const report = await sweepWindows(parts.config, ports, parts.deadline);
    expect(report).toMatchObject({ unclosed: 200, overdue: 240, swept: 240 });
    expect(new Set(read).size).toBe(read.length);
  });

  it('sweeps more windows than one read returns', async () => {
    const parts = partsWith({ ...WINDOW, key: 'event.data.id' });
    const ids = Array.from({ length: 230 }, (_, index) => `e${index}`);
    await receive(parts, ...ids);
    parts.nowEpochMs += 71_000;
    expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ unclosed: 230, overdue: 230, swept: 230 });
    expect(idsInRuns(parts)).toEqual(ids.toSorted());
  });

  it('ends a sweep in time, and reports it as incomplete', async () => {
    const parts = partsWith(WINDOW);
    await receive(parts, 'a1');
    parts.nowEpochMs += 71_000;
    parts.deadline = { remainingMs: () => 10_000 };
    expect((await parts.reconcile(SWEEP)).windows).toMatchObject({ swept: 0, isComplete: false });
    expect(idsInRuns(parts)).toEqual([]);
  });

  it('changes no window in a dry run, and reports the same windows', async () => {
    for (const coalesce of [WINDOW, DEBOUNCE, SLIDING]) {
      const parts = partsWith(coalesce);
      await receive(parts, 'a1', 'b1');
      parts.nowEpochMs += 400_000;
      const before = parts.everything;
      const dry = await parts.reconcile({ ...SWEEP, dryRun: true });
      expect(parts.everything).toBe(before);
      const wet = await parts.reconcile(SWEEP);
      expect(dry.windows?.swept).toBe(0);
      expect(dry.windows?.overdue).toBeGreaterThan(0);
      expect(dry.windows?.findings.map(({ kind, windowId }) => [kind, windowId])).toEqual(
        wet.windows?.findings.map(({ kind, windowId }) => [kind, windowId]),
      );
      expect(wet.windows?.swept).toBe(dry.windows?.overdue);
    }
  });
});

/** The same table and the same Prefect, after another deployment. */
class ReconcilePartsAfter extends ReconcileParts {
  constructor(before: ReconcileParts, routes: readonly CompiledRoute[]) {
    super({ ...before.config, routes });
    Object.assign(this, {
      prefect: before.prefect,
      records: before.records,
      claims: before.claims,
      windows: before.windows,
      nowEpochMs: before.nowEpochMs,
    });
  }
}

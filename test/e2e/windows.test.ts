/** Batches that outlive an invocation: collected by one function, made flow runs by another. */
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { eventually, post, prefect } from '../support/parts/e2e-sluice.ts';
import { canonicalJson } from '../support/builders/exact-json.ts';

const { gatherOrdersId } = inject('e2eDeployment');

interface GatheredRun {
  readonly ids: readonly string[];
  readonly labels: Readonly<Record<string, unknown>>;
}

async function postOrders(type: string, region: string, ids: readonly string[]): Promise<void> {
  const events = ids.map(
    (id) =>
      `{"specversion":"1.0","id":"${id}","source":"/e2e","type":"${type}","data":{"id":"${id}","region":"${region}"}}`,
  );
  const answer = await post(`[${events.join(',')}]`, 'application/cloudevents-batch+json');
  expect(answer.status).toBe(202);
}

async function runsWith(prefix: string): Promise<readonly GatheredRun[]> {
  const runs = await prefect.listFlowRuns({ deploymentId: gatherOrdersId });
  const gathered = runs.map(({ parameters, labels }) => {
    const { orders } = JSON.parse(canonicalJson(parameters)) as {
      readonly orders: readonly { id: string }[];
    };
    return { labels, ids: orders.map(({ id }) => id) };
  });
  return gathered.filter(({ ids }) => ids.some((id) => id.startsWith(prefix)));
}

function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index)}`);
}

describe('a window', () => {
  it('holds events of several requests by their key, and closes when it is full or its time is over', async () => {
    const prefix = randomUUID();
    const eu = numbered(`${prefix}-eu`, 7);
    const us = numbered(`${prefix}-us`, 2);
    await Promise.all([
      postOrders('order.gathered', 'eu', eu.slice(0, 4)),
      postOrders('order.gathered', 'eu', eu.slice(4)),
      postOrders('order.gathered', 'us', us),
    ]);
    // What was held is a duplicate when it comes again, before the flush or after it.
    await postOrders('order.gathered', 'eu', eu.slice(0, 2));
    await eventually(async () => (await runsWith(prefix)).flatMap(({ ids }) => ids).length >= 9);
    const runs = await runsWith(prefix);
    expect(runs.flatMap(({ ids }) => ids).sort()).toEqual([...eu, ...us].sort());
    for (const { ids, labels } of runs) {
      expect(ids.length).toBeLessThanOrEqual(5);
      expect(new Set(ids.map((id) => id.slice(0, prefix.length + 3))).size).toBe(1);
      expect(labels).toMatchObject({
        'sluice.window.key': ids[0]?.includes('-eu-') === true ? 'eu' : 'us',
        'sluice.reason': expect.stringMatching(/^(?:count|time)$/) as unknown,
      });
      const start = Date.parse(String(labels['sluice.window.start']));
      expect(Date.parse(String(labels['sluice.window.end']))).toBeGreaterThanOrEqual(start);
    }
  });

  it('is closed at once by an event that must not wait, and takes along what was waiting', async () => {
    const prefix = randomUUID();
    const [first = '', ...rest] = numbered(prefix, 3);
    await postOrders('order.urgent', 'calm', [first]);
    await postOrders('order.urgent', 'now', rest);
    await eventually(async () => (await runsWith(prefix)).flatMap(({ ids }) => ids).length >= 3);
    const runs = await runsWith(prefix);
    expect(runs.flatMap(({ ids }) => ids).sort()).toEqual([first, ...rest].sort());
    expect(runs.map(({ labels }) => labels['sluice.reason'])).toContain('bypass');
  });

  it('is one run of all that came before it was quiet', async () => {
    const prefix = randomUUID();
    const ids = numbered(prefix, 4);
    for (const id of ids) await postOrders('order.debounced', 'eu', [id]);
    await eventually(async () => (await runsWith(prefix)).length > 0);
    const runs = await runsWith(prefix);
    expect(runs.flatMap((run) => run.ids).sort()).toEqual(ids);
    expect(runs[0]?.labels['sluice.reason']).toBe('quiet');
  });

  it('that overlaps others holds each event that it covers, so that an event is once in each of them', async () => {
    const prefix = randomUUID();
    const ids = numbered(prefix, 3);
    await postOrders('order.slid', 'eu', ids);
    await eventually(async () => (await runsWith(prefix)).flatMap((run) => run.ids).length >= 6);
    const runs = await runsWith(prefix);
    const windows = new Map<string, string[]>();
    for (const run of runs) {
      const start = String(run.labels['sluice.window.start']);
      windows.set(start, [...(windows.get(start) ?? []), ...run.ids]);
    }
    for (const id of ids) {
      const covering = [...windows.values()].filter((inWindow) => inWindow.includes(id));
      expect(covering).toHaveLength(2);
      for (const inWindow of covering) expect(inWindow.filter((each) => each === id)).toHaveLength(1);
    }
  });
});

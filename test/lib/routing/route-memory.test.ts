/** An event that was accepted for a route is not dropped because the route was removed since. */
import { describe, expect, it } from 'vitest';
import { recallRemovedRoutes } from '../../../lib/routing/route-memory.ts';
import { runPipeline } from '../../../lib/pipeline.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import type { CompiledRoute } from '../../../lib/compiled-config/compiled.ts';
import { makeCompiledConfig, makeRoute, makeSqsSource } from '../../support/builders/compiled-config.ts';
import { PipelineParts, PLENTY_OF_TIME, sqsRecord } from '../../support/builders/pipeline-parts.ts';
import { InMemoryRouteMemory } from '../../support/fakes/in-memory-route-memory.ts';

const DAY_MS = 86_400_000;
const ORDERS = makeRoute({ name: 'orders', from: ['jobs'], when: 'event.data.kind == "order"' });
const OTHER = makeRoute({ name: 'other', from: ['jobs'], when: 'event.data.kind == "other"' });

/** A trigger of these routes, cold-started now. */
async function deploy(parts: PipelineParts, memory: InMemoryRouteMemory, routes: readonly CompiledRoute[]) {
  const config = makeCompiledConfig([makeSqsSource()], { routes: [...routes] });
  const deployed = routesFrom(config, 'jobs');
  const removedRoutes = await recallRemovedRoutes('jobs', deployed, memory, parts.nowEpochMs);
  const readRemovedRoutes = () => Promise.resolve(removedRoutes);
  const { installation, ports } = parts;
  const source = makeSqsSource();
  const pipeline = { installation, config, source, routes: deployed, readRemovedRoutes, ports };
  return async (kind: string, sentAtEpochMs: number) => {
    const record = sqsRecord(`m-${kind}-${sentAtEpochMs}`, `{"kind":"${kind}"}`);
    const { origin } = record;
    if (origin.kind !== 'sqs') throw new Error('a message of a queue');
    const outcomes = await runPipeline(
      [{ ...record, origin: { ...origin, sentAtEpochMs } }],
      pipeline,
      PLENTY_OF_TIME,
    );
    return outcomes.map(({ outcome }) =>
      'code' in outcome ? `${outcome.kind} ${outcome.code}` : outcome.kind,
    );
  };
}

describe('an event that waits while its route is removed', () => {
  it('is dead-lettered with a code of its own, and events of other routes and times are not', async () => {
    const parts = new PipelineParts();
    const memory = new InMemoryRouteMemory();
    const deliver = await deploy(parts, memory, [ORDERS, OTHER]);
    const acceptedAtEpochMs = parts.nowEpochMs;
    expect(await deliver('order', acceptedAtEpochMs)).toEqual(['created']);
    parts.nowEpochMs += 60_000;
    const deliverLater = await deploy(parts, memory, [OTHER]);
    expect(await deliverLater('order', acceptedAtEpochMs + 1)).toEqual(['dead-lettered route-removed']);
    expect(await deliverLater('unknown', acceptedAtEpochMs)).toEqual(['filtered']);
    expect(await deliverLater('order', parts.nowEpochMs + 1)).toEqual(['filtered']);
    expect(await deliverLater('other', acceptedAtEpochMs)).toEqual(['created']);
    const [letter] = parts.deadLetters.messages.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(letter).toMatchObject({ route: 'orders', stage: 'route', code: 'route-removed' });
  });

  it('goes to the route that has taken its place under another name', async () => {
    const parts = new PipelineParts();
    const memory = new InMemoryRouteMemory();
    await deploy(parts, memory, [ORDERS]);
    const acceptedAtEpochMs = parts.nowEpochMs;
    parts.nowEpochMs += 60_000;
    const deliver = await deploy(parts, memory, [{ ...ORDERS, name: 'renamed' }]);
    expect(await deliver('order', acceptedAtEpochMs)).toEqual(['created']);
  });

  it('is forgotten after two weeks, and at once when the route is deployed again', async () => {
    const parts = new PipelineParts();
    const memory = new InMemoryRouteMemory();
    await deploy(parts, memory, [ORDERS]);
    const acceptedAtEpochMs = parts.nowEpochMs;
    parts.nowEpochMs += DAY_MS;
    await deploy(parts, memory, []);
    const again = await deploy(parts, memory, [ORDERS]);
    expect(await again('order', acceptedAtEpochMs)).toEqual(['created']);
    await deploy(parts, memory, []);
    parts.nowEpochMs += 16 * DAY_MS;
    const late = await deploy(parts, memory, []);
    expect(await late('order', acceptedAtEpochMs + 1)).toEqual(['filtered']);
    expect(memory.texts.get('jobs')).toBe('[]');
  });

  it('is not stopped by a memory that another version of Sluice wrote', async () => {
    const parts = new PipelineParts();
    const memory = new InMemoryRouteMemory();
    for (const text of ['no JSON', '{}', '[{"config":{"name":"x"},"removedAtEpochMs":1}]', '[1,null]']) {
      memory.texts.set('jobs', text);
      const deliver = await deploy(parts, memory, [ORDERS]);
      expect(await deliver('order', parts.nowEpochMs)).toHaveLength(1);
    }
  });
});

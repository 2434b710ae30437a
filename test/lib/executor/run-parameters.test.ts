/** Parameters that are too large for Prefect, from records to what the flow reads. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledCoalescing } from '../../../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import type { EventOutcome } from '../../../lib/outcome.ts';
import { runPipeline } from '../../../lib/pipeline.ts';
import type { FlowRunRequest } from '../../../lib/ports.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { makeRoute, makeSqsSource } from '../../support/builders/compiled-config.ts';
import type { CreateFate } from '../../support/fakes/fake-prefect.ts';
import type { PutFate } from '../../support/fakes/in-memory-overflow-store.ts';
import {
  PipelineParts,
  PLENTY_OF_TIME,
  sqsConfig,
  sqsRecord,
} from '../../support/builders/pipeline-parts.ts';
import { readReference } from '../../support/parts/read-reference.ts';

const INVOCATION: CompiledCoalescing = { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 5_242_880 };

function config(overflow: 'refuse' | 's3', coalesce: CompiledCoalescing = INVOCATION): CompiledConfig {
  const dedupe = { key: 'event.data.id', retentionSeconds: 1_000_000 };
  return sqsConfig({ coalesce, dedupe, run: { ...makeRoute().run, overflow } });
}

/** Three of them are more than Prefect takes. */
const largeRecord = (id: string, deliveryCount = 1) =>
  sqsRecord(id, JSON.stringify({ id, padding: 'x'.repeat(200_000) }), deliveryCount);
const smallRecord = (id: string) => sqsRecord(id, JSON.stringify({ id }));

function kinds(outcomes: readonly EventOutcome[]): readonly string[] {
  return outcomes.map(({ outcome }) =>
    'code' in outcome ? `${outcome.kind} ${outcome.code}` : outcome.kind,
  );
}

/** Ids of the events that the flow reads, run by run. */
function idsRead({ orders, overflow }: PipelineParts): readonly (readonly string[])[] {
  return orders.map((value) => {
    const events = readReference(value, (bucket, key) =>
      bucket === overflow.bucket ? overflow.bodies.get(key) : undefined,
    ) as readonly { readonly id: string }[];
    return events.map(({ id }) => id);
  });
}

const refersToS3 = ({ parametersJson }: FlowRunRequest): boolean => parametersJson.includes('$sluice');

describe('a batch that is too large for Prefect', () => {
  it('stays whole on a route with overflow: s3, and its run refers to an object with all of it', async () => {
    const parts = new PipelineParts(config('s3'));
    expect(kinds(await parts.run(['a', 'b', 'c'].map((id) => largeRecord(id))))).toEqual(
      Array(3).fill('created'),
    );
    expect(idsRead(parts)).toEqual([['a', 'b', 'c']]);
    expect(parts.prefect.createsSent.map(refersToS3)).toEqual([true]);
    const [run] = parts.prefect.flowRuns;
    const batchId = run?.idempotencyKey.replace(/^sluice1:/, '');
    expect([...parts.overflow.bodies.keys()]).toEqual([
      expect.stringMatching(new RegExp(`^process-orders/${batchId}/orders-[0-9a-f]{64}[.]json$`)),
    ]);
  });

  it('is halved on another route, and nothing goes to S3', async () => {
    const parts = new PipelineParts(config('refuse'));
    expect(kinds(await parts.run(['a', 'b', 'c'].map((id) => largeRecord(id))))).toEqual(
      Array(3).fill('created'),
    );
    expect(idsRead(parts)).toEqual([['a', 'b'], ['c']]);
    expect(parts.overflow.bodies.size).toBe(0);
  });

  it('goes to S3 when its window is flushed, too', async () => {
    const coalesce = { ...INVOCATION, mode: 'window', maxWaitSeconds: 10, bypassWhen: null } as const;
    const parts = new PipelineParts(config('s3', coalesce));
    expect(kinds(await parts.run(['a', 'b', 'c'].map((id) => largeRecord(id))))).toEqual(
      Array(3).fill('held'),
    );
    parts.nowEpochMs += 20_000;
    await parts.flushDue();
    expect(idsRead(parts)).toEqual([['a', 'b', 'c']]);
    expect(parts.overflow.bodies.size).toBe(1);
  });

  it('is sent as it is as soon as it fits', async () => {
    const parts = new PipelineParts(config('s3'));
    await parts.run([largeRecord('a'), largeRecord('b')]);
    expect(parts.prefect.createsSent.map(refersToS3)).toEqual([false]);
    expect(parts.overflow.bodies.size).toBe(0);
  });

  it('is halved until it fits when the flow takes no reference', async () => {
    const parts = new PipelineParts(config('s3'));
    parts.prefect.refuseWhen((request) =>
      refersToS3(request) ? { status: 409, detail: 'orders[0] has no id' } : null,
    );
    expect(kinds(await parts.run(['a', 'b', 'c'].map((id) => largeRecord(id))))).toEqual(
      Array(3).fill('created'),
    );
    expect(idsRead(parts)).toEqual([['a', 'b'], ['c']]);
  });

  it('is halved as well while there is no bucket, which windows of a removed route may find', async () => {
    const parts = new PipelineParts(config('s3'));
    const source = makeSqsSource();
    const pipeline = {
      installation: 'table',
      config: parts.config,
      source,
      routes: routesFrom(parts.config, source.name),
      ports: { ...parts.ports, overflow: null },
    };
    const records = ['a', 'b', 'c'].map((id) => largeRecord(id));
    expect(kinds(await runPipeline(records, pipeline, PLENTY_OF_TIME))).toEqual(Array(3).fill('created'));
    expect(idsRead(parts)).toEqual([['a', 'b'], ['c']]);
  });
});

describe('an event that is too large alone', () => {
  const record = sqsRecord('a', JSON.stringify({ id: 'a', padding: 'ä'.repeat(120_000) }));

  it('goes to S3 on a route with overflow: s3', async () => {
    const parts = new PipelineParts(config('s3'));
    expect(kinds(await parts.run([record]))).toEqual(['created']);
    expect(idsRead(parts)).toEqual([['a']]);
    expect(parts.overflow.bodies.size).toBe(1);
  });

  it('goes to the dead-letter queue on another, with a suggested fix', async () => {
    const parts = new PipelineParts(config('refuse'));
    const outcomes = await parts.run([record]);
    expect(outcomes).toMatchObject([
      {
        outcome: {
          kind: 'dead-lettered',
          code: 'too-large',
          detail: expect.stringContaining('write run.overflow: s3 on the route') as unknown,
        },
      },
    ]);
  });
});

describe('an event that passes for a reference', () => {
  const forged = JSON.stringify({ $sluice: 's3', bucket: 'overflow', key: 'of/another/route', sha256: '' });

  it.each(['s3', 'refuse'] as const)(
    'is sent wrapped, so that the flow reads what was sent and nothing that it names (overflow: %s)',
    async (overflow) => {
      const dedupe = { key: null, retentionSeconds: 1_000_000 };
      const parts = new PipelineParts(sqsConfig({ dedupe, run: { ...makeRoute().run, overflow } }));
      parts.overflow.bodies.set('of/another/route', '["secret"]');
      expect(kinds(await parts.run([sqsRecord('m1', forged)]))).toEqual(['created']);
      const read = parts.orders.map((value) =>
        readReference(value, (_, key) => parts.overflow.bodies.get(key)),
      );
      expect(read).toEqual([[JSON.parse(forged)]]);
    },
  );
});

describe('while S3 is out of reach', () => {
  it('events are left to redelivery under a code of their own, and nothing refers to what is not there', async () => {
    const parts = new PipelineParts(config('s3'));
    parts.overflow.fates.push('refused');
    const records = ['a', 'b', 'c'].map((id) => largeRecord(id));
    expect(kinds(await parts.run(records))).toEqual(Array(3).fill('retry overflow-store-unavailable'));
    expect(parts.prefect.createsSent).toEqual([]);

    parts.letLeasesEnd();
    const again = ['a', 'b', 'c'].map((id) => largeRecord(id, 2));
    expect(kinds(await parts.run(again))).toEqual(Array(3).fill('created'));
    expect(idsRead(parts)).toEqual([['a', 'b', 'c']]);
  });

  it('batches that need nothing of it are created', async () => {
    const coalesce = { ...INVOCATION, key: 'event.data.id.substring(0, 1)' };
    const parts = new PipelineParts(config('s3', coalesce));
    parts.overflow.fates.push('refused', 'refused');
    const large = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'].map((id) => largeRecord(id));
    const outcomes = await parts.run([...large, smallRecord('c1')]);
    expect(kinds(outcomes).filter((kind) => kind === 'created')).toHaveLength(1);
    expect(kinds(outcomes).filter((kind) => kind === 'retry overflow-store-unavailable')).toHaveLength(6);
    expect(idsRead(parts)).toEqual([['c1']]);
  });

  it('it is not asked again in the same invocation', async () => {
    const orders = { expression: 'events.map(e, e.data)', as: 'json' } as const;
    const run = { ...makeRoute().run, overflow: 's3', parameters: { orders, again: orders } } as const;
    const parts = new PipelineParts(sqsConfig({ coalesce: INVOCATION, run }));
    // Of the two objects that the batch needs the second would be stored.
    parts.overflow.fates.push('refused');
    const outcomes = await parts.run(['a', 'b', 'c'].map((id) => largeRecord(id)));
    expect(new Set(kinds(outcomes))).toEqual(new Set(['retry overflow-store-unavailable']));
    expect(parts.overflow.bodies.size).toBe(0);
  });
});

describe('nothing is put into S3 in vain', () => {
  const records = ['a', 'b', 'c'].map((id) => largeRecord(id));

  it('once it is known that Prefect is down', async () => {
    const parts = new PipelineParts(config('s3', { ...INVOCATION, maxEvents: 3 }));
    const batches = 20;
    parts.prefect.planCreates(...Array.from({ length: batches }, () => ({ status: 502 })));
    const many = Array.from({ length: 3 * batches }, (_, index) => largeRecord(`m${index}`));
    const outcomes = await parts.run(many);
    expect(new Set(kinds(outcomes))).toEqual(new Set(['retry prefect-unavailable']));
    // As many as are under way at the same time.
    expect(parts.overflow.bodies.size).toBeLessThanOrEqual(8);
  });

  it('when the invocation is out of time', async () => {
    const parts = new PipelineParts(config('s3'));
    const outcomes = await parts.run(records, { remainingMs: () => 2_100 });
    expect(kinds(outcomes)).toEqual(Array(3).fill('retry prefect-unavailable'));
    expect(parts.overflow.bodies.size).toBe(0);
  });
});

describe('whatever is lost on the way to S3 and to Prefect', () => {
  const putFate = fc.constantFrom<PutFate>('answered', 'lost', 'refused');
  const createFate = fc.constantFrom<CreateFate>('answered', 'lost', 'late', { status: 503 });

  it('every event is in exactly one run, and every run finds what it refers to', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(putFate, { maxLength: 4 }),
        fc.array(createFate, { maxLength: 4 }),
        fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (putFates, createFates, order, firstCount) => {
          const parts = new PipelineParts(config('s3'));
          parts.overflow.fates.push(...putFates);
          parts.prefect.planCreates(...createFates);
          const missing = watchReferences(parts);
          await parts.run(order.slice(0, firstCount).map((id) => largeRecord(id)));
          parts.prefect.landLateCreates();
          // Every fate is used up by then.
          for (let delivery = 2; delivery < 12; delivery++) {
            parts.letLeasesEnd();
            await parts.run(order.map((id) => largeRecord(id, delivery)));
            parts.prefect.landLateCreates();
          }
          expect(idsRead(parts).flat().sort()).toEqual(['a', 'b', 'c', 'd']);
          expect(missing).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });
});

/** Collects what is referred to by a create before it is there. */
function watchReferences({ prefect, overflow }: PipelineParts): readonly string[] {
  const missing: string[] = [];
  prefect.refuseWhen(({ parametersJson }) => {
    const keys = Array.from(parametersJson.matchAll(/process-orders\/[^"\\]+[.]json/g), ([key]) => key);
    missing.push(...keys.filter((key) => !overflow.bodies.has(key)));
    return null;
  });
  return missing;
}

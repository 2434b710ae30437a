import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsTemplateMarker } from '../../lib/event/template-marker.ts';
import { mustRedeliver, type EventOutcome } from '../../lib/outcome.ts';
import { runPipeline } from '../../lib/pipeline.ts';
import { FilterCounts } from '../../lib/routing/filter-counts.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import type { CreateFate } from '../support/fakes/fake-prefect.ts';
import { makeRoute, makeSqsSource, makeCompiledConfig } from '../support/builders/compiled-config.ts';
import type { Fault } from '../support/proxies/fault.ts';
import { S3_TEST_EVENT, s3Notification, snsEnvelope } from '../support/builders/make-envelope.ts';
import { PipelineParts, PLENTY_OF_TIME, sqsConfig, sqsRecord } from '../support/builders/pipeline-parts.ts';
import { unwrapped } from '../support/parts/read-reference.ts';

const kinds = (outcomes: readonly EventOutcome[]): string[] =>
  outcomes.map(({ record, outcome }) => `${record.recordId} ${outcome.kind}`).sort();

describe('the pipeline', () => {
  it('makes one flow run of the events of an invocation, in the order of arrival', async () => {
    const parts = new PipelineParts();
    const outcomes = await parts.run([sqsRecord('m1', '{"n":1}'), sqsRecord('m2', '{"n":2}')]);
    expect(kinds(outcomes)).toEqual(['m1 created', 'm2 created']);
    expect(parts.orders).toEqual([[{ n: 1 }, { n: 2 }]]);
  });

  it('finds a redelivered event to be a duplicate, whatever it is redelivered with', async () => {
    const parts = new PipelineParts();
    await parts.run([sqsRecord('m1', '{"n":1}'), sqsRecord('m2', '{"n":2}')]);
    const outcomes = await parts.run([sqsRecord('m2', '{"n":2}', 2), sqsRecord('m3', '{"n":3}')]);
    expect(kinds(outcomes)).toEqual(['m2 duplicate', 'm3 created']);
    expect(parts.orders).toEqual([[{ n: 1 }, { n: 2 }], [{ n: 3 }]]);
  });

  it('takes the same event twice in one invocation for one event, and acknowledges both records', async () => {
    const parts = new PipelineParts(sqsConfig({ dedupe: { key: 'event.data.id', retentionSeconds: 1_000 } }));
    const outcomes = await parts.run([
      sqsRecord('m1', '{"id":"a","n":1}'),
      sqsRecord('m2', '{"id":"a","n":2}'),
    ]);
    expect(kinds(outcomes)).toEqual(['m1 created', 'm2 duplicate']);
    expect(parts.orders).toEqual([[{ id: 'a', n: 1 }]]);
  });

  it('runs an event on every route that matches it, and dedupes each route on its own', async () => {
    const both = ['process', 'audit'].map((name) =>
      makeRoute({ name, from: ['jobs'], run: { ...makeRoute().run, flow: name } }),
    );
    const parts = new PipelineParts(makeCompiledConfig([makeSqsSource()], { routes: both }));
    const outcomes = await parts.run([sqsRecord('m1', '{}')]);
    expect(outcomes.map(({ outcome }) => 'route' in outcome && outcome.route)).toEqual(['process', 'audit']);
    expect(parts.prefect.flowRuns).toHaveLength(2);
  });

  it('makes of each S3 record in a message an event of its own, once, whatever message it comes in', async () => {
    const config = sqsConfig({
      when: 'event.subject != "c"',
      run: {
        ...makeRoute().run,
        parameters: { orders: { expression: 'events.map(e, e.subject)', as: 'json' } },
      },
    });
    const sources = { jobs: makeSqsSource({ unwrap: ['sns', 's3'] }) };
    const parts = new PipelineParts({ ...config, sources });
    const keys = (...names: readonly string[]) => s3Notification(...names.map((key) => ({ key })));
    expect(kinds(await parts.run([sqsRecord('m1', keys('a', 'b%2B', 'c'))]))).toEqual([
      'm1 created',
      'm1 created',
      'm1 filtered',
    ]);
    const again = await parts.run([
      sqsRecord('m2', snsEnvelope(keys('b%2B', 'd'))),
      sqsRecord('m3', S3_TEST_EVENT),
    ]);
    expect(kinds(again)).toEqual(['m2 created', 'm2 duplicate', 'm3 filtered']);
    expect(parts.orders).toEqual([['a', 'b+'], ['d']]);
  });

  it('filters an event that matches no route, without any request', async () => {
    const parts = new PipelineParts(sqsConfig({ when: 'event.data.n > 5' }));
    const outcomes = await parts.run([sqsRecord('m1', '{"n":1}')]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      { kind: 'filtered', reason: 'no-route-matched' },
    ]);
    expect(parts.prefect.createsSent).toEqual([]);
  });

  it('says of an event that no route wants what was not true of it, on each route', async () => {
    const config = sqsConfig({ when: 'event.data.n > 5' });
    const [route] = config.routes;
    if (route === undefined) throw new Error('no route');
    const routes = [route, { ...route, name: 'others', when: 'event.data.n < 0' }];
    const [filtered] = await new PipelineParts({ ...config, routes }).run([sqsRecord('m1', '{"n":1}')]);
    expect(filtered?.outcome.kind === 'filtered' && filtered.outcome.unmet).toEqual([
      { route: 'process-orders', clause: 'event.data.n > 5', saw: { 'event.data.n': 1 }, absent: [] },
      { route: 'others', clause: 'event.data.n < 0', saw: { 'event.data.n': 1 }, absent: [] },
    ]);
  });

  it.each(['relaxed', 'strict'] as const)(
    'counts the events that each filter leaves out once, also where another route takes them: %s',
    async (order) => {
      const config = sqsConfig({ when: 'event.data.n > 1' });
      const [route] = config.routes;
      if (route === undefined) throw new Error('no route');
      const routes = [route, { ...route, name: 'all', when: null }];
      const parts = new PipelineParts({ ...config, routes });
      const filterCounts = new FilterCounts();
      const records = [1, 2, 3, 1].map((n, index) => ({
        ...sqsRecord(`m${index}`, `{"n":${n},"index":${index}}`),
        ...(order === 'strict' && { orderGroup: 'a' }),
      }));
      const pipeline = {
        installation: parts.installation,
        config: parts.config,
        source: makeSqsSource(),
        routes: routesFrom(parts.config, 'jobs'),
        ports: parts.ports,
        filterCounts,
      };
      await runPipeline(records, pipeline, PLENTY_OF_TIME);
      expect([...filterCounts.take()]).toEqual([['process-orders', 2]]);
      expect([...filterCounts.take()]).toEqual([]);
    },
  );

  it('dead-letters an event on which a filter fails, with the field and the cause, and runs its neighbors', async () => {
    const parts = new PipelineParts(sqsConfig({ when: 'event.data.n > 0' }));
    const outcomes = await parts.run([sqsRecord('m1', '{"m":1}'), sqsRecord('m2', '{"n":2}')]);
    expect(kinds(outcomes)).toEqual(['m1 dead-lettered', 'm2 created']);
    const letter = JSON.parse(parts.deadLetters.messages[0] ?? '') as Record<string, unknown>;
    expect(letter).toMatchObject({
      code: 'expression-failed',
      stage: 'route',
      source: 'jobs',
      route: 'process-orders',
    });
    expect(letter['detail']).toContain('when: the event has no such field');
    expect(letter['record']).toMatchObject({ id: 'm1', body: '{"m":1}' });
  });

  it('dead-letters what cannot be decoded, as it was received', async () => {
    const parts = new PipelineParts();
    const outcomes = await parts.run([sqsRecord('m1', '{"n":'), sqsRecord('m2', '{"n":2}')]);
    expect(kinds(outcomes)).toEqual(['m1 dead-lettered', 'm2 created']);
    expect(JSON.parse(parts.deadLetters.messages[0] ?? '')).toMatchObject({
      code: 'invalid-json',
      record: { body: '{"n":' },
    });
  });

  it('delivers again what could not be dead-lettered', async () => {
    const parts = new PipelineParts(sqsConfig(), { deadLetters: () => 'lost-request' });
    const outcomes = await parts.run([sqsRecord('m1', '{"n":')]);
    expect(outcomes.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'retry', code: 'dead-letter-queue-unavailable' },
    ]);
  });

  it.each([
    ['a template', '{"__prefect_kind":"jinja","template":"{{ 1 }}"}'],
    ['a reference to a block', '{"note":[{"$ref":{"block_document_slug":"secret/db-password"}}]}'],
    ['a reference of MongoDB', '{"customer":{"$ref":"customers","$id":"65f0"}}'],
  ])('dead-letters an event with %s alone, unless the route escapes it', async (_what, body) => {
    const bodies = ['{"n":1}', body, '{"n":3}'];
    const records = bodies.map((each, index) => sqsRecord(`m${index + 1}`, each));
    const refusing = new PipelineParts();
    expect(kinds(await refusing.run(records))).toEqual(['m1 created', 'm2 dead-lettered', 'm3 created']);

    const escaping = new PipelineParts(sqsConfig({ run: { ...makeRoute().run, templateMarkers: 'escape' } }));
    expect(kinds(await escaping.run(records))).toEqual(['m1 created', 'm2 created', 'm3 created']);
    expect(holdsTemplateMarker(escaping.orders)).toBe(false);
    expect(unwrapped(escaping.orders)).toEqual([bodies.map((each) => JSON.parse(each) as unknown)]);
  });

  it.each([
    ['refuse', ['m1 created', 'm2 dead-lettered', 'm3 created']],
    ['escape', ['m1 created', 'm2 created', 'm3 created']],
  ] as const)(
    'holds keys that an expression makes to the same rule (%s)',
    async (templateMarkers, expected) => {
      const parameters = {
        orders: { expression: 'events.map(e, bytes(e.data.text).json())', as: 'json' },
      } as const;
      const parts = new PipelineParts(
        sqsConfig({ run: { ...makeRoute().run, parameters, templateMarkers } }),
      );
      const records = ['[1]', '{"$ref":"a"}', '3'].map((text, index) =>
        sqsRecord(`m${index + 1}`, JSON.stringify({ text })),
      );
      expect(kinds(await parts.run(records))).toEqual(expected);
      expect(holdsTemplateMarker(parts.orders)).toBe(false);
    },
  );

  it('isolates the event that Prefect refuses: it alone is dead-lettered, by a dead run under its key', async () => {
    const parts = new PipelineParts();
    parts.prefect.refuseWhen(({ parametersJson, dead }) =>
      dead === null && parametersJson.includes('poison') ? { status: 409, detail: 'schema' } : null,
    );
    const bodies = ['{"n":1}', '{"n":2}', '{"n":"poison"}', '{"n":4}', '{"n":5}'];
    const outcomes = await parts.run(bodies.map((body, index) => sqsRecord(`m${index + 1}`, body)));
    expect(kinds(outcomes)).toEqual([
      'm1 created',
      'm2 created',
      'm3 dead-lettered',
      'm4 created',
      'm5 created',
    ]);
    expect(parts.prefect.flowRuns.filter(({ stateName }) => stateName === 'DeadLettered')).toHaveLength(1);
    expect(JSON.parse(parts.deadLetters.messages[0] ?? '')).toMatchObject({
      code: 'refused-by-prefect',
      detail: 'schema',
      record: { id: 'm3' },
    });
    expect(JSON.stringify(parts.orders)).not.toContain('poison');
  });

  it('splits a batch whose parameters are larger than Prefect takes, and dead-letters what is too large alone', async () => {
    const config = sqsConfig({
      coalesce: { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 10_000_000 },
    });
    const parts = new PipelineParts({ ...config, limits: { ...config.limits, maxEventBytes: 1_000_000 } });
    const outcomes = await parts.run([
      sqsRecord('m1', `{"x":"${'a'.repeat(300_000)}"}`),
      sqsRecord('m2', `{"x":"${'b'.repeat(300_000)}"}`),
      sqsRecord('m3', `{"x":"${'c'.repeat(600_000)}"}`),
    ]);
    expect(kinds(outcomes)).toEqual(['m1 created', 'm2 created', 'm3 dead-lettered']);
    expect(parts.prefect.flowRuns).toHaveLength(2);
  });

  it.each([0, 401, 403, 429, 500, 502, 503, 504])(
    'leaves everything to redelivery while Prefect answers %i, and loses and doubles nothing',
    async (status) => {
      const parts = new PipelineParts();
      parts.prefect.outage = { status, retryAfterMs: null };
      const records = [sqsRecord('m1', '{"n":1}'), sqsRecord('m2', '{"n":2}')];
      const during = await parts.run(records);
      expect(during.every(({ outcome }) => mustRedeliver([outcome]))).toBe(true);
      expect(parts.deadLetters.messages).toEqual([]);
      parts.prefect.outage = null;
      parts.letLeasesEnd();
      const after = await parts.run(records.map((record) => ({ ...record, deliveryCount: 2 })));
      expect(kinds(after)).toEqual(['m1 created', 'm2 created']);
      expect(parts.orders).toEqual([[{ n: 1 }, { n: 2 }]]);
    },
  );

  it('asks a Prefect that does not answer once, not once per batch', async () => {
    const parts = new PipelineParts(sqsConfig({ coalesce: { mode: 'none' } }));
    await parts.run([sqsRecord('m0', '{"n":0}')]);
    parts.prefect.outage = { status: 0, retryAfterMs: null };
    const outcomes = await parts.run(
      Array.from({ length: 50 }, (_, n) => sqsRecord(`m${n + 1}`, `{"n":${n}}`)),
    );
    expect(outcomes.every(({ outcome }) => outcome.kind === 'retry')).toBe(true);
    expect(parts.prefect.createsSent.length).toBeLessThan(12);
  });

  it('dead-letters the event to which Prefect keeps answering 503 while it takes others', async () => {
    const parts = new PipelineParts(sqsConfig({ coalesce: { mode: 'none' } }));
    const poison = (deliveryCount: number) => sqsRecord('poison', '{"n":"poison"}', deliveryCount);
    parts.prefect.failWhen(({ parametersJson }) => parametersJson.includes('poison'), 503);
    const fates: (string | undefined)[] = [];
    for (let deliveryCount = 1; deliveryCount <= 6; deliveryCount++) {
      const outcomes = await parts.run([poison(deliveryCount), sqsRecord(`m${deliveryCount}`, '{"n":1}')]);
      fates.push(outcomes.find(({ record }) => record.recordId === 'poison')?.outcome.kind);
      parts.letLeasesEnd();
    }
    expect(fates.slice(0, 2)).toEqual(['retry', 'retry']);
    expect(fates.at(-1)).toBe('dead-lettered');
    expect(parts.orders).toHaveLength(6);
  });

  it('goes on to the deployment that took the place of a deleted one', async () => {
    const parts = new PipelineParts();
    const [first] = await parts.run([sqsRecord('m1', '{"n":1}')]);
    expect(first?.outcome.kind).toBe('created');
    for (const { deploymentId } of parts.prefect.flowRuns) parts.prefect.deleteDeployment(deploymentId);
    const missing = await parts.run([sqsRecord('m2', '{"n":2}')]);
    expect(missing.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'retry', code: 'deployment-not-found' },
    ]);
    parts.prefect.createDeployment('process-orders', 'prod');
    parts.letLeasesEnd();
    expect(kinds(await parts.run([sqsRecord('m2', '{"n":2}', 2)]))).toEqual(['m2 created']);
  });

  it('stops before its time is over and leaves the rest to redelivery', async () => {
    const parts = new PipelineParts();
    const outcomes = await parts.run([sqsRecord('m1', '{"n":1}')], { remainingMs: () => 1_000 });
    expect(outcomes.map(({ outcome }) => outcome)).toMatchObject([{ kind: 'retry', code: 'out-of-time' }]);
    expect(parts.prefect.createsSent).toEqual([]);
  });

  it('makes a retry of broken machinery, and spoils nothing', async () => {
    let isBroken = true;
    const parts = new PipelineParts(sqsConfig(), { claims: () => (isBroken ? 'broken' : 'none') });
    const broken = await parts.run([sqsRecord('m1', '{"n":1}')]);
    expect(broken.map(({ outcome }) => outcome)).toMatchObject([{ kind: 'retry', code: 'internal-error' }]);
    isBroken = false;
    expect(kinds(await parts.run([sqsRecord('m1', '{"n":1}', 2)]))).toEqual(['m1 created']);
  });

  it('runs an event again whose retention is over, as a new event', async () => {
    const parts = new PipelineParts(sqsConfig({ dedupe: { key: 'event.data.id', retentionSeconds: 3_600 } }));
    await parts.run([sqsRecord('m1', '{"id":"a"}')]);
    parts.nowEpochMs += 2 * 3_600_000;
    expect(kinds(await parts.run([sqsRecord('m2', '{"id":"a"}')]))).toEqual(['m2 created']);
    expect(parts.prefect.flowRuns).toHaveLength(2);
  });

  it('has an outcome for every record, and every event in exactly one run, whatever the store and Prefect lose', async () => {
    const fault = fc.constantFrom<Fault>('none', 'none', 'none', 'lost-request', 'lost-answer');
    const fate = fc.constantFrom<CreateFate>('answered', 'answered', 'lost', 'late', { status: 503 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 60 }),
        fc.array(fate, { maxLength: 12 }),
        fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        async (faults, fates, deliveries) => {
          const planned = [...faults];
          const parts = new PipelineParts(
            sqsConfig({ dedupe: { key: 'event.data.n', retentionSeconds: 86_400 } }),
            {
              claims: (operation) => (operation === 'read' ? 'none' : (planned.shift() ?? 'none')),
            },
          );
          parts.prefect.planCreates(...fates);
          const deliver = async (numbers: readonly number[], deliveryCount: number): Promise<void> => {
            const records = numbers.map((n, index) => sqsRecord(`${index}`, `{"n":${n}}`, deliveryCount));
            const outcomes = await parts.run(records);
            expect(new Set(outcomes.map(({ record }) => record))).toEqual(new Set(records));
          };
          for (const numbers of deliveries) await deliver(numbers, 1);
          parts.prefect.landLateCreates();
          const all = [...new Set(deliveries.flat())];
          for (let again = 2; again < 12; again++) {
            parts.letLeasesEnd();
            await deliver(all, again);
          }
          const ran = parts.orders.flatMap((orders) =>
            (orders as { readonly n: number }[]).map(({ n }) => n),
          );
          expect(ran.toSorted((a, b) => a - b)).toEqual(all.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 300 },
    );
  });
});

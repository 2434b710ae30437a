import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfigText } from '../../../lib/config/load-config.ts';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import { rehearse, UnknownSourceError, type RehearsedSample } from '../../../cli/rehearsal/rehearse.ts';

const CONFIGURATION = `
prefect: { apiUrl: https://prefect.example/api, auth: none }
sources:
  hook: { type: http, path: /hook, verify: none }
  github: { type: http, path: /github, verify: { scheme: github, secret: sluice/github } }
  jobs: { type: sqs, queueArn: arn:aws:sqs:us-east-1:123456789012:jobs }
  topic:
    type: kafka
    bootstrapServers: ['broker.example:9092']
    auth: none
    topics: [orders]
routes:
  orders:
    from: [hook, jobs, topic, github]
    when: event.data.total > 0
    dedupe: { key: event.data.id }
    coalesce: { mode: invocation, key: event.data.region, maxEvents: 2 }
    run: { deployment: orders/prod, parameters: { orders: 'events.map(e, e.data)' } }
  windowed:
    from: [hook]
    when: has(event.data.waits)
    coalesce: { mode: window, maxWait: 1m }
    run: { deployment: windowed/prod, parameters: { count: size(events) } }
`;

function compiled(): CompiledConfig {
  const result = loadConfigText(CONFIGURATION, 'sluice.yaml');
  if (result.ok) return result.config;
  throw new TypeError(JSON.stringify(result.errors));
}

function sample(index: number, body: unknown, source = 'hook'): RehearsedSample {
  const bytes = body === null ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { index, source, body: bytes, headers: {}, key: null };
}

const order = (id: string, region = 'eu', total = 1) => ({ id, region, total });

describe('the rehearsal of events', () => {
  it.each(['hook', 'jobs', 'topic', 'github'])(
    'plans the run of an event that %s delivers',
    async (source) => {
      const { runs, trouble } = await rehearse(compiled(), [sample(0, order('A'), source)]);
      expect(trouble).toEqual([]);
      expect(runs).toEqual([
        {
          route: 'orders',
          deployment: 'orders/prod',
          samples: [0],
          groupKey: 's:eu',
          waits: false,
          parameters: { orders: [order('A')] },
        },
      ]);
    },
  );

  it('names duplicates, filtered events, dead letters and refused requests by their samples', async () => {
    const { runs, filtered, duplicates, trouble } = await rehearse(compiled(), [
      sample(0, order('A')),
      sample(1, order('A')),
      sample(2, order('B', 'eu', 0)),
      sample(3, { id: 'C' }),
      sample(4, '{"id":'),
    ]);
    expect(runs.map(({ samples }) => samples)).toEqual([[0]]);
    expect(duplicates).toEqual([1]);
    expect(filtered).toEqual([2]);
    expect(trouble).toMatchObject([
      { kind: 'refused', sample: 4, rejection: { code: 'invalid-json' } },
      { kind: 'dead-lettered', sample: 3, route: 'orders', rejection: { code: 'expression-failed' } },
    ]);
  });

  it('says that events wait where their route has a window', async () => {
    const { runs } = await rehearse(compiled(), [sample(0, { ...order('A'), total: 0, waits: true })]);
    expect(runs).toMatchObject([{ route: 'windowed', waits: true, parameters: { count: 1 } }]);
  });

  it('takes a null in a topic as a tombstone, which only routes that ask for it receive', async () => {
    const { filtered, runs } = await rehearse(compiled(), [sample(0, null, 'topic')]);
    expect(filtered).toEqual([0]);
    expect(runs).toEqual([]);
  });

  it('finds every event of a request with many of them', async () => {
    const { runs } = await rehearse(compiled(), [sample(0, [order('A'), order('B'), order('C')])]);
    expect(runs.map(({ samples }) => samples.length)).toEqual([2, 1]);
  });

  it('refuses a source that the configuration has not, and lists those it has', async () => {
    const rehearsal = rehearse(compiled(), [sample(0, order('A'), 'hok')]);
    await expect(rehearsal).rejects.toThrow(UnknownSourceError);
    await expect(rehearsal).rejects.toThrow('hook, github, jobs, topic');
  });

  it('puts every event that is neither filtered, refused nor dead into runs, once for each key', async () => {
    const config = compiled();
    const orders = fc.array(
      fc.record({
        id: fc.constantFrom('A', 'B', 'C', 'D'),
        region: fc.constantFrom('eu', 'us'),
        total: fc.constantFrom(0, 1),
      }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(orders, async (bodies) => {
        const samples = bodies.map((body, index) => sample(index, body, 'jobs'));
        const { runs, filtered, duplicates, trouble } = await rehearse(config, samples);
        const inRuns = runs.flatMap((run) => run.samples);
        expect([...inRuns, ...filtered, ...duplicates].toSorted((one, other) => one - other)).toEqual(
          samples.map(({ index }) => index),
        );
        expect(trouble).toEqual([]);
        expect(new Set(inRuns.map((index) => bodies[index]?.id)).size).toBe(inRuns.length);
      }),
    );
  });
});

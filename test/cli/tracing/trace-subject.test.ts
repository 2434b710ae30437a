import { describe, expect, it } from 'vitest';
import {
  idOfKafkaPosition,
  subjectOfEvent,
  subjectOfId,
  subjectOfKey,
  subjectOfRun,
} from '../../../cli/tracing/trace-subject.ts';
import type { CompiledConfig } from '../../../lib/compiled-config/compiled.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';
import { routesFrom } from '../../../lib/routing/route.ts';
import { rehearse, type RehearsedSample } from '../../../cli/rehearsal/rehearse.ts';

const CONFIGURATION = `
prefect: { apiUrl: https://prefect.example/api, auth: none }
sources:
  hook: { type: http, path: /hook, verify: none }
  jobs: { type: sqs, queueArn: arn:aws:sqs:us-east-1:123456789012:jobs, eventType: job }
  topic: { type: kafka, bootstrapServers: ['b.example:9092', 'a.example:9092'], auth: none, topics: [orders] }
routes:
  keyed:
    from: [hook]
    when: has(event.data.id)
    dedupe: { key: event.data.id }
    run: { deployment: keyed/prod }
  plain: { from: [hook, jobs, topic], run: { deployment: plain/prod } }
`;

function compiled(): CompiledConfig {
  const result = loadConfigText(CONFIGURATION, 'sluice.yaml');
  if (result.ok) return result.config;
  throw new TypeError(JSON.stringify(result.errors));
}

function sample(source: string, body: unknown, headers: Record<string, string> = {}): RehearsedSample {
  return { index: 0, source, body: Buffer.from(JSON.stringify(body)), headers, key: null };
}

async function claimKeysOf(source: string, body: unknown, headers?: Record<string, string>) {
  return (await rehearse(compiled(), [sample(source, body, headers)])).claimKeys;
}

describe('the subject of a trace', () => {
  it.each([
    ['A-1', 'A-1'],
    [5, '5'],
    [true, 'true'],
    ['5', '5'],
  ])('is found by the key %j', async (id, written) => {
    const [expected] = await claimKeysOf('hook', { id });
    expect(subjectOfKey(compiled(), 'keyed', written)).toMatchObject({
      kind: 'claims',
      claimKeys: expect.arrayContaining([expected]) as unknown,
    });
  });

  it('lists the routes that have a key when another is named', () => {
    expect(subjectOfKey(compiled(), 'plain', 'A')).toEqual({
      kind: 'invalid',
      message: 'no route plain with a dedupe.key; those that have one are keyed',
    });
  });

  it.each([
    ['hook', { n: 1 }, undefined],
    ['jobs', { n: 1 }, undefined],
    ['topic', { n: 1 }, undefined],
    ['hook', { n: 1 }, { 'ce-specversion': '1.0', 'ce-id': '7', 'ce-source': '/shop', 'ce-type': 'x' }],
  ])('is found by the id of an event of %s', async (source, body, headers) => {
    const config = compiled();
    const { events } = await rehearse(config, [sample(source, body, headers)]);
    const [event] = events.get(0) ?? [];
    if (event === undefined) throw new Error('no event');
    const eventSource = headers === undefined ? null : event.source;
    const subject = subjectOfId(config, event.id, { source, eventSource });
    const [expected] = await claimKeysOf(source, body, headers);
    expect(subject).toMatchObject({ kind: 'id', claimKeys: expect.arrayContaining([expected]) as unknown });
  });

  it('names the routes that know events by a key, whose claims an id does not lead to', () => {
    expect(subjectOfId(compiled(), 'x', { source: null, eventSource: null })).toMatchObject({
      routesWithKeys: ['keyed'],
    });
    expect(subjectOfId(compiled(), 'x', { source: 'jobs', eventSource: null })).toMatchObject({
      routesWithKeys: [],
    });
  });

  it('is found by the event itself, on each route that it matches', async () => {
    const subject = await subjectOfEvent(compiled(), sample('hook', { id: 'A' }));
    expect(subject).toEqual({ kind: 'claims', claimKeys: await claimKeysOf('hook', { id: 'A' }) });
    expect(routesFrom(compiled(), 'hook')).toHaveLength(2);
    if (subject.kind === 'claims') expect(subject.claimKeys).toHaveLength(2);
  });

  it.each([
    ['3fa85f64-5717-4562-b3fc-2c963f66afa6', '3fa85f64-5717-4562-b3fc-2c963f66afa6'],
    [
      'https://p.example/runs/flow-run/3FA85F64-5717-4562-B3FC-2C963F66AFA6',
      '3fa85f64-5717-4562-b3fc-2c963f66afa6',
    ],
  ])('is the flow run in %s', (text, flowRunId) => {
    expect(subjectOfRun(text)).toEqual({ kind: 'flow-run', flowRunId });
  });

  it('refuses a text without the id of a flow run', () => {
    expect(subjectOfRun('https://p.example/runs')).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['orders/3@17', 'orders-3@17'],
    ['a/b/0@1', 'a/b-0@1'],
    ['orders-3@17', null],
    ['orders/3', null],
  ])('of the Kafka position %s has the id %j', (position, id) => {
    expect(idOfKafkaPosition(position)).toBe(id);
  });
});

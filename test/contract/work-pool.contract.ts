/** One flow run that Prefect cannot read stops every worker of its pool: no event may become such a run. */
import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parametersOf, runOptionsOf, type Parameters } from '../../lib/batching/batch.ts';
import { PrefectHttp } from '../../lib/adapters/prefect/prefect-http.ts';
import { PrefectFlowRunClient } from '../../lib/adapters/prefect/prefect-flow-run-client.ts';
import { deploymentRefOfId } from '../../lib/prefect/deployment-ref.ts';
import { liveRunRequest } from '../../lib/prefect/flow-run-request.ts';
import type { Event } from '../../lib/event/event.ts';
import { matchEvent, routeOf } from '../../lib/routing/route.ts';
import { eventWith } from '../support/builders/evaluate-expression.ts';
import { makeRoute } from '../support/builders/compiled-config.ts';
import { PrefectApi } from '../support/parts/prefect-api.ts';

/** Text of events, which is well-formed and without NUL: everything else is refused when it is received. */
const title = fc.oneof(
  fc.constantFrom('Launch it 🚀 now', '😀', '👨‍👩‍👧', '\ud83d\ude00'.repeat(8)),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0')),
);

/** JSON in a string of an event, which no one has looked into. */
const inner = fc.oneof(
  fc.constantFrom(
    '{"t":"\\ud83d"}',
    '{"t":"\\u0000"}',
    '{"\\udc00":1}',
    '{"t":"\\ud83d\\ude00"}',
    '{"n":1e400}',
  ),
  fc.constantFrom(
    `${'['.repeat(300)}${']'.repeat(300)}`,
    `1${'0'.repeat(5000)}`,
    '{"$ref":{"a":1}}',
    '[1.0]',
    '{',
  ),
  fc.json(),
);

const EXPRESSIONS = [
  'events[0].data.title.substring(0, events[0].data.n < size(events[0].data.title) ? int(events[0].data.n) : 0)',
  'events.map(e, e.data.title.split(""))',
  'events[0].data.title.split("").map(c, c.lowerAscii() + c)',
  'events.map(e, bytes(e.data.inner).json())',
  'bytes(events[0].data.inner).json().t',
  'events[0].data.title.charAt(0)',
  'events[0].data.title.replace("", events[0].data.title)',
  'string(bytes(events[0].data.title))',
  '[[[[[[[[[[[[[[[[[[[[bytes(events[0].data.inner).json()]]]]]]]]]]]]]]]]]]]]',
  'events[0].data.title + "\\u0000"',
  '{"event": events[0], "first": events[0].data.title.substring(0, 1)}',
] as const;

/** Mostly text, for what takes nothing else. */
const TEXT_EXPRESSIONS = [
  'event.data.title',
  'event.data.title.split("")[0]',
  'event.data.title.charAt(0)',
  'string(bytes(event.data.inner))',
  'string(bytes(event.data.inner).json().t)',
  'event.data.title.replace("", event.data.title)',
  'event.data.title + "\\u0000"',
  'event.data.n',
] as const;

const KEYS = ['event.data.title', 'event.data.title.charAt(0)', 'string(bytes(event.data.inner))'] as const;

export function defineWorkPoolContract(name: string, apiUrl: string): void {
  describe(`a work pool of ${name}`, () => {
    const api = new PrefectApi(apiUrl);
    const workPool = `pool-${randomUUID()}`;
    const http = new PrefectHttp({
      apiUrl,
      authSecret: null,
      headers: {},
      version: 'test',
      secrets: { readSecret: () => Promise.reject(new Error('this server needs no credentials')) },
      clock: { nowEpochMs: () => Date.now() },
    });
    const client = new PrefectFlowRunClient(http);
    let deploymentRef: string;

    beforeAll(async () => {
      await api.createWorkPool(workPool);
      const names = { flow: `flow-${randomUUID()}`, deployment: 'prod' };
      deploymentRef = deploymentRefOfId(await api.createDeployment({ ...names, workPool }));
    });

    afterAll(() => {
      http.close();
    });

    const sent = async (event: Event, expression: string, key: string): Promise<Parameters['kind']> => {
      const config = makeRoute({
        coalesce: {
          mode: 'window',
          key,
          maxEvents: 100,
          maxBytes: 400_000,
          maxWaitSeconds: 10,
          bypassWhen: null,
        },
        dedupe: { key, retentionSeconds: 3600 },
        run: {
          ...makeRoute().run,
          parameters: { value: { expression, as: 'json' } },
          templateMarkers: 'escape',
        },
      });
      const route = routeOf(config);
      const match = matchEvent(route, event);
      if (match.kind !== 'matched') return 'rejected';
      const parameters = parametersOf(route, [match.routed], null);
      if (parameters.kind !== 'rendered') return parameters.kind;
      const answer = await client.createFlowRun(
        liveRunRequest({
          batchId: `${deploymentRef}.${randomBytes(32).toString('base64url')}`,
          routeName: 'hostile',
          routeTags: [],
          configHash: '0123456789abcdef',
          members: [match.routed.member.memberId],
          flushReason: 'window',
          window: { key: match.routed.groupKey, startEpochMs: 0, endEpochMs: 1000 },
          parametersJson: parameters.parametersJson,
          timeoutMs: 30_000,
        }),
      );
      expect(answer.kind).toBe('run');
      return 'rendered';
    };

    const placed = async (event: Event, expression: string): Promise<'rejected' | 'created'> => {
      const jobVariables = { note: { expression, allow: null } };
      const options = { name: expression, tagExpressions: [expression], jobVariables };
      const route = routeOf(
        makeRoute({ run: { ...makeRoute().run, options: { ...options, workQueue: null, after: null } } }),
      );
      const match = matchEvent(route, event);
      if (match.kind !== 'matched') return 'rejected';
      const evaluated = runOptionsOf(route, [match.routed], null);
      if (evaluated.kind === 'rejected') return 'rejected';
      const { name: runName, tags, jobVariablesJson } = evaluated.value;
      const answer = await client.createFlowRun(
        liveRunRequest({
          batchId: `${deploymentRef}.${randomBytes(32).toString('base64url')}`,
          routeName: 'hostile',
          routeTags: [],
          configHash: '0123456789abcdef',
          members: [match.routed.member.memberId],
          flushReason: 'none',
          parametersJson: '{}',
          options: { name: runName, tags, jobVariablesJson, workQueue: null, startAtEpochMs: null },
          timeoutMs: 30_000,
        }),
      );
      expect(answer.kind).toBe('run');
      return 'created';
    };

    test('keeps handing out runs, whatever events make of their names, tags and job variables', async () => {
      const seen = new Set<string>();
      const property = fc.asyncProperty(
        fc.record({ title, inner, n: fc.nat({ max: 12 }) }),
        fc.constantFrom(...TEXT_EXPRESSIONS),
        async (data, expression) => {
          seen.add(await placed(eventWith(JSON.stringify(data)), expression));
          await expect(api.scheduledFlowRunIdsOfPool(workPool)).resolves.toBeInstanceOf(Array);
        },
      );
      await fc.assert(property, { numRuns: 60 });
      expect([...seen].toSorted()).toEqual(['created', 'rejected']);
    });

    test('keeps handing out runs, whatever expressions make of events: each becomes a run or is rejected', async () => {
      const seen = new Set<string>();
      const property = fc.asyncProperty(
        fc.record({ title, inner, n: fc.nat({ max: 12 }) }),
        fc.constantFrom(...EXPRESSIONS),
        fc.constantFrom(...KEYS),
        async (data, expression, key) => {
          seen.add(await sent(eventWith(JSON.stringify(data)), expression, key));
          await expect(api.scheduledFlowRunIdsOfPool(workPool)).resolves.toBeInstanceOf(Array);
        },
      );
      await fc.assert(property, { numRuns: 120 });
      expect([...seen].toSorted()).toEqual(['rejected', 'rendered']);
      expect((await api.scheduledFlowRunIdsOfPool(workPool)).length).toBeGreaterThan(0);
    });
  });
}

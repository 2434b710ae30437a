import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IngestResult } from '../../../lib/ingest.ts';
import type { EventOutcome } from '../../../lib/outcome.ts';
import type { RouteStatus } from '../../../lib/flow-run-status/status.ts';
import { FollowedEndpoint } from '../../support/parts/followed-endpoint.ts';
import { jsonText } from '../../support/builders/json-text.ts';
import { makeRoute } from '../../support/builders/compiled-config.ts';

const { run } = makeRoute();
const INVOCATION = { mode: 'invocation', key: null, maxEvents: 100, maxBytes: 400_000 } as const;
const CLOUD_EVENTS = 'application/cloudevents-batch+json';

function progressIn(answer: IngestResult): readonly (readonly RouteStatus[])[] | null {
  return answer.kind === 'accepted' ? (answer.progress?.events ?? null) : null;
}

/** What the pipeline says of an event on its routes, in the words of the answer. */
function progressFrom(outcomes: readonly EventOutcome[]): readonly RouteStatus[] {
  return outcomes.flatMap(({ outcome }): readonly RouteStatus[] => {
    switch (outcome.kind) {
      case 'created':
      case 'duplicate': {
        const { route } = outcome;
        return 'flowRunId' in outcome
          ? [{ state: 'created', route, flowRunId: outcome.flowRunId }]
          : [{ state: 'held', route }];
      }
      case 'dead-lettered':
        return [{ state: 'dead-lettered', route: outcome.route ?? '', code: outcome.code }];
      case 'held':
      case 'filtered':
      case 'retry':
        return [];
    }
  });
}

function byRoute(progress: readonly RouteStatus[]): readonly RouteStatus[] {
  return progress.toSorted((one, other) => one.route.localeCompare(other.route));
}

function cloudEvent(id: string, type: string, data: object = {}): object {
  return { specversion: '1.0', id, source: '/shop', type, data };
}

describe('FlowRunStatusPoller', () => {
  it('returns the status of any event on any route that the pipeline has settled', async () => {
    const elements = fc.array(
      fc.oneof(
        jsonText,
        fc.record({ id: fc.constantFrom('a', 'b'), n: fc.nat(3) }).map((each) => JSON.stringify(each)),
      ),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(elements, async (texts) => {
        const endpoint = new FollowedEndpoint([
          { name: 'every', coalesce: INVOCATION },
          { name: 'keyed', dedupe: { key: 'event.data.id', retentionSeconds: 3_600 } },
          { name: 'some', when: '"n" in event.data && event.data.n > 1' },
        ]);
        const answer = await endpoint.post(`[${texts.join(',')}]`);
        // What is known beforehand is answered before the pipeline has run.
        await endpoint.deliver();
        const byRecord = Map.groupBy(endpoint.outcomes, ({ record }) => record.recordId);
        expect(progressIn(answer)?.map(byRoute)).toEqual(
          texts.map((_, index) => byRoute(progressFrom(byRecord.get(`message-${String(index)}`) ?? []))),
        );
        expect(endpoint.pauses).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });

  it('returns the flow run of an earlier duplicate at once', async () => {
    const endpoint = new FollowedEndpoint();
    const first = await endpoint.post('{"orderId":1}');
    expect(endpoint.pauses).toBe(1);
    const [created] = endpoint.parts.prefect.flowRuns;
    expect(progressIn(first)).toEqual([
      [{ state: 'created', route: 'process-orders', flowRunId: created?.flowRunId }],
    ]);
    expect(await endpoint.post('{"orderId":1}')).toEqual(first);
    expect(endpoint.pauses).toBe(1);
  });

  it('reads nothing and does not wait where no route takes an event', async () => {
    const endpoint = new FollowedEndpoint([{ when: 'event.type == "order.paid"' }]);
    const unread = { readClaims: () => Promise.reject(new Error('was read')) };
    for (const body of ['{}', '[]']) {
      const answer = await endpoint.post(body, 'application/json', { claims: unread });
      expect(answer).toMatchObject({ progress: { failure: null } });
      expect(progressIn(answer)?.flat()).toEqual([]);
    }
    expect(endpoint.pauses).toBe(0);
  });

  it('returns the rejection of an expression without waiting for the pipeline', async () => {
    const endpoint = new FollowedEndpoint([{ when: 'event.data.total > 0' }]);
    expect(progressIn(await endpoint.post('{}'))).toEqual([
      [{ state: 'dead-lettered', route: 'process-orders', code: 'expression-failed' }],
    ]);
    expect(endpoint.pauses).toBe(0);
    await endpoint.deliver();
    expect(endpoint.outcomes.map(({ outcome }) => outcome.kind)).toEqual(['dead-lettered']);
  });

  it('returns what Prefect refused, with the dead run that says why', async () => {
    const endpoint = new FollowedEndpoint();
    endpoint.parts.prefect.refuseWhen(({ dead }) => (dead === null ? { status: 422, detail: 'no' } : null));
    const [[refused] = []] = progressIn(await endpoint.post('{}')) ?? [];
    const [deadRun] = endpoint.parts.prefect.flowRuns;
    expect(deadRun?.stateName).toBe('DeadLettered');
    expect(refused).toMatchObject({ state: 'dead-lettered', flowRunId: deadRun?.flowRunId });
  });

  it('returns held for an event in a window of an earlier configuration', async () => {
    const windowed = { ...INVOCATION, mode: 'window', maxWaitSeconds: 60, bypassWhen: null } as const;
    const endpoint = new FollowedEndpoint([{ coalesce: windowed }]);
    expect(progressIn(await endpoint.post('{}'))).toEqual([[{ state: 'held', route: 'process-orders' }]]);
    expect(endpoint.pauses).toBe(1);
  });

  it('waits for all events of a request, and returns the routes of each', async () => {
    const when = (type: string) => `event.type == "${type}"`;
    const endpoint = new FollowedEndpoint([
      { name: 'paid', when: when('paid') },
      { name: 'gone', when: when('gone'), run: { ...run, flow: 'gone' } },
      { name: 'both', when: `${when('paid')} || ${when('gone')}` },
    ]);
    endpoint.parts.prefect.failWhen(({ parametersJson }) => parametersJson.includes('stuck'), 503);
    const batch = [
      cloudEvent('1', 'paid'),
      cloudEvent('2', 'gone', { a: 'stuck' }),
      cloudEvent('3', 'nobody'),
      cloudEvent('1', 'paid'),
    ];
    const answer = await endpoint.post(JSON.stringify(batch), CLOUD_EVENTS);
    const first = [
      { state: 'created', route: 'paid' },
      { state: 'created', route: 'both' },
    ];
    const second = [
      { state: 'pending', route: 'gone' },
      { state: 'pending', route: 'both' },
    ];
    expect(progressIn(answer)).toMatchObject([first, second, [], first]);
    expect(progressIn(answer)?.[3]).toEqual(progressIn(answer)?.[0]);
  });

  it('stops polling when the wait is over, and before the invocation runs out of time', async () => {
    const pausesUntil = async (remainingMs: number): Promise<number> => {
      const endpoint = new FollowedEndpoint();
      endpoint.inPause = () => Promise.resolve();
      const deadline = { remainingMs: () => remainingMs };
      const answer = await endpoint.post('{}', 'application/json', { deadline });
      expect(progressIn(answer)).toEqual([[{ state: 'pending', route: 'process-orders' }]]);
      return endpoint.pauses;
    };
    expect(await pausesUntil(29_000)).toBe(10);
    expect(await pausesUntil(8_500)).toBe(5);
    expect(await pausesUntil(100)).toBe(0);
  });

  it('returns pending while the table cannot be read, and reads again', async () => {
    const endpoint = new FollowedEndpoint();
    let failures = 2;
    const claims = {
      readClaims: (keys: readonly string[]) =>
        failures-- > 0 ? Promise.reject(new Error('throttled')) : endpoint.parts.claims.readClaims(keys),
    };
    expect(await endpoint.post('{}', 'application/json', { claims })).toMatchObject({
      progress: { events: [[{ state: 'created' }]], failure: null },
    });
    failures = Number.POSITIVE_INFINITY;
    expect(await endpoint.post('{"a":1}', 'application/json', { claims })).toMatchObject({
      kind: 'accepted',
      progress: { events: [[{ state: 'pending' }]], failure: { message: 'throttled' } },
    });
  });

  it('waits for the new run of an event whose claim has expired', async () => {
    const endpoint = new FollowedEndpoint([{ dedupe: { key: null, retentionSeconds: 60 } }]);
    const first = await endpoint.post('{}');
    endpoint.parts.nowEpochMs += 61_000;
    const second = await endpoint.post('{}');
    const runIds = endpoint.parts.prefect.flowRuns.map(({ flowRunId }) => flowRunId);
    expect([first, second].map((answer) => progressIn(answer)?.[0]?.[0])).toMatchObject(
      runIds.map((flowRunId) => ({ state: 'created', flowRunId })),
    );
    expect(new Set(runIds).size).toBe(2);
  });
});

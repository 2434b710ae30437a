import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deadRunRequest,
  liveRunRequest,
  supersedingRunRequest,
  type LiveRun,
} from '../../../lib/prefect/flow-run-request.ts';

const live: LiveRun = {
  batchId: 'P6hfZFcXRWKz_CyWP2avpg.abc',
  routeName: 'process-orders',
  routeTags: ['team:shop'],
  configHash: '0123456789abcdef',
  members: ['AAAAAAAAAAA', 'BBBBBBBBBBB'],
  flushReason: 'invocation',
  parametersJson: '{"orders":"[]"}',
  timeoutMs: 5000,
};
const dead = { ...live, member: 'AAAAAAAAAAA', deadCode: 'refused-by-prefect', detail: 'it is too large' };

describe('a live run', () => {
  test('goes to the deployment and under the key that its batch id names', () => {
    expect(liveRunRequest(live)).toMatchObject({
      deploymentId: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
      idempotencyKey: 'sluice1:P6hfZFcXRWKz_CyWP2avpg.abc',
      parametersJson: '{"orders":"[]"}',
      tags: ['sluice', 'route:process-orders', 'team:shop'],
      dead: null,
      timeoutMs: 5000,
    });
  });

  test('is named for its route and its members', () => {
    const { name } = liveRunRequest(live);
    expect(name).toMatch(/^process-orders-[0-9a-f]{12}$/);
    expect(liveRunRequest({ ...live, parametersJson: '{}' }).name).toBe(name);
    expect(liveRunRequest({ ...live, members: ['AAAAAAAAAAA'] }).name).not.toBe(name);
  });

  test('has names, tags and labels that Postgres can store, whatever its route is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const request = liveRunRequest({ ...live, routeName: `${text}\0`, routeTags: [`${text}\0`] });
        const texts = [request.name, ...request.tags, String(request.labels['sluice.route'])];
        expect(request.name.length).toBeLessThanOrEqual(200);
        for (const stored of texts) expect(stored).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  test('has each tag once', () => {
    expect(liveRunRequest({ ...live, routeTags: ['sluice', 'a', 'a'] }).tags).toEqual([
      'sluice',
      'route:process-orders',
      'a',
    ]);
  });

  test('carries the trace that it belongs to, if there is one', () => {
    expect(liveRunRequest({ ...live, traceparent: '00-ab-cd-01' }).labels['sluice.traceparent']).toBe(
      '00-ab-cd-01',
    );
    expect(Object.keys(liveRunRequest(live).labels)).not.toContain('sluice.traceparent');
  });
});

describe('a dead run', () => {
  test('has the key of its batch, no parameters, one member and its reason', () => {
    expect(deadRunRequest(dead)).toMatchObject({
      idempotencyKey: 'sluice1:P6hfZFcXRWKz_CyWP2avpg.abc',
      parametersJson: '{}',
      labels: {
        'sluice.members': 'AAAAAAAAAAA',
        'sluice.count': 1,
        'sluice.dead': 'refused-by-prefect',
        'sluice.reason': 'dead-lettered',
      },
      dead: {
        stateName: 'DeadLettered',
        message: 'Dead-lettered by Sluice (refused-by-prefect): it is too large',
      },
    });
  });

  test('has a message of one short line', () => {
    const message = deadRunRequest({ ...dead, detail: `a\0\n${'x'.repeat(1000)}` }).dead?.message;
    expect(message).toHaveLength(500);
    expect(message).toMatch(/^Dead-lettered by Sluice \(refused-by-prefect\): a x+…$/);
  });
});

describe('a run that supersedes a batch', () => {
  test('has the key and the deployment of the batch, no parameters, no member, and says what became of the events', () => {
    expect(supersedingRunRequest(live)).toMatchObject({
      deploymentId: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
      idempotencyKey: 'sluice1:P6hfZFcXRWKz_CyWP2avpg.abc',
      parametersJson: '{}',
      labels: {
        'sluice.members': '',
        'sluice.count': 0,
        'sluice.dead': 'superseded',
        'sluice.reason': 'superseded',
      },
      dead: {
        stateName: 'Superseded',
        message:
          'Superseded by Sluice: the route names another deployment now, and its events are in a run of that',
      },
    });
  });
});

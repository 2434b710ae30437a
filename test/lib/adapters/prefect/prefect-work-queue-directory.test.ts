/** Caching, and answers that a real server cannot be made to give; the rest is in test/contract. */
import { afterEach, expect, test } from 'vitest';
import { PrefectHttp } from '../../../../lib/adapters/prefect/prefect-http.ts';
import { PrefectWorkQueueDirectory } from '../../../../lib/adapters/prefect/prefect-work-queue-directory.ts';
import {
  answers,
  startScriptedHttpServer,
  type Script,
} from '../../../support/fakes/scripted-http-server.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0)) await part.close();
});

async function directoryOf(script: Script) {
  const server = await startScriptedHttpServer(script);
  const clock = { nowEpochMs: () => 0 };
  const http = new PrefectHttp({
    apiUrl: server.url,
    authSecret: null,
    headers: {},
    version: 'test',
    secrets: { readSecret: async () => '{}' },
    clock,
  });
  opened.push(http, server);
  const directory = new PrefectWorkQueueDirectory({ http, clock, cacheMs: 1000 });
  const find = () => directory.findWorkQueue('d-1', 'high/é', 30_000);
  return { find, server, clock };
}

const deployment = { status: 200, json: { id: 'd-1', work_pool_name: 'my pool' } };
const queue = { status: 200, json: { name: 'high/é' } };
const notFound = { status: 404, json: { detail: 'Worker queue not found.' } };

test('a queue is asked for by its own name in the pool of the deployment, and only read', async () => {
  const { find, server } = await directoryOf(answers(deployment, queue));
  expect(await find()).toEqual({ kind: 'found' });
  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /deployments/d-1',
    'GET /work_pools/my%20pool/queues/high%2F%C3%A9',
  ]);
});

test('a queue that was found is looked for again when that is old', async () => {
  const { find, clock } = await directoryOf(answers(deployment, queue, deployment, notFound));
  expect(await find()).toEqual({ kind: 'found' });
  expect(await find()).toEqual({ kind: 'found' });
  clock.nowEpochMs = () => 1001;
  expect(await find()).toEqual({ kind: 'not-found', workPool: 'my pool' });
});

test('a queue that is missing is looked for each time, since it may be created at any moment', async () => {
  const { find } = await directoryOf(answers(deployment, notFound, deployment, queue));
  expect(await find()).toEqual({ kind: 'not-found', workPool: 'my pool' });
  expect(await find()).toEqual({ kind: 'found' });
});

test('questions at the same time are one', async () => {
  const { find, server } = await directoryOf(answers(deployment, queue));
  expect(await Promise.all([find(), find(), find()])).toEqual([
    { kind: 'found' },
    { kind: 'found' },
    { kind: 'found' },
  ]);
  expect(server.requests).toHaveLength(2);
});

test('a deployment without a work pool has no queue', async () => {
  const { find } = await directoryOf(answers({ status: 200, json: { id: 'd-1', work_pool_name: null } }));
  expect(await find()).toEqual({ kind: 'not-found', workPool: null });
});

test.each([
  ['the deployment', [{ status: 503, json: {} }]],
  ['the queue', [deployment, { status: 401, json: {} }]],
  ['a queue of another name', [deployment, { status: 200, json: { name: 'other' } }]],
  ['a page of a proxy', [{ status: 404, text: '<html>' }]],
] as const)(
  'an answer about %s that settles nothing is never taken for a missing queue',
  async (_what, script) => {
    const { find } = await directoryOf(answers(...script));
    expect(await find()).toMatchObject({ kind: 'unavailable' });
  },
);

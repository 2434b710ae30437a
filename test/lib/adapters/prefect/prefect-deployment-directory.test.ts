/** Caching, and answers that a real server cannot be made to give; the rest is in test/contract. */
import { afterEach, expect, test } from 'vitest';
import { PrefectDeploymentDirectory } from '../../../../lib/adapters/prefect/prefect-deployment-directory.ts';
import { PrefectHttp } from '../../../../lib/adapters/prefect/prefect-http.ts';
import {
  answers,
  startScriptedHttpServer,
  type Script,
  type ScriptedHttpServer,
} from '../../../support/fakes/scripted-http-server.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0)) await part.close();
});

interface Setting {
  readonly directory: PrefectDeploymentDirectory;
  readonly server: ScriptedHttpServer;
  readonly clock: { nowEpochMs: () => number };
}

async function directoryOf(script: Script): Promise<Setting> {
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
  const directory = new PrefectDeploymentDirectory({ http, clock, requestTimeoutMs: 30_000, cacheMs: 1000 });
  return { directory, server, clock };
}

const found = (deploymentId: string) => ({ status: 200, json: { id: deploymentId } });
const notFound = { status: 404, json: { detail: 'Deployment not found' } };

test('names are encoded in the path', async () => {
  const { directory, server } = await directoryOf(answers(found('d-1')));

  await directory.resolveDeployment('my flow/ü', 'prod?#', false);

  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /deployments/name/my%20flow%2F%C3%BC/prod%3F%23',
  ]);
});

test('an id is asked for once until it is old, and again when it has to be fresh', async () => {
  const { directory, server, clock } = await directoryOf(answers(found('d-1'), found('d-2'), found('d-3')));
  const resolve = async (fresh: boolean) => directory.resolveDeployment('orders', 'prod', fresh);

  expect(await resolve(false)).toEqual({ kind: 'deployment', deploymentId: 'd-1' });
  expect(await resolve(false)).toEqual({ kind: 'deployment', deploymentId: 'd-1' });
  expect(await resolve(true)).toEqual({ kind: 'deployment', deploymentId: 'd-2' });
  expect(await resolve(false)).toEqual({ kind: 'deployment', deploymentId: 'd-2' });
  clock.nowEpochMs = () => 1000;
  expect(await resolve(false)).toEqual({ kind: 'deployment', deploymentId: 'd-3' });
  expect(server.requests).toHaveLength(3);
});

test('everybody who asks at the same time shares one request', async () => {
  const { directory, server } = await directoryOf(answers(found('d-1')));

  const all = await Promise.all(
    Array.from({ length: 10 }, () => directory.resolveDeployment('orders', 'prod', false)),
  );

  expect(new Set(all.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(server.requests).toHaveLength(1);
});

test('two deployments are two questions', async () => {
  const { directory } = await directoryOf(answers(found('d-1'), found('d-2')));

  expect(await directory.resolveDeployment('orders', 'prod', false)).toMatchObject({ deploymentId: 'd-1' });
  expect(await directory.resolveDeployment('orders', 'test', false)).toMatchObject({ deploymentId: 'd-2' });
});

test('what was not found, or not answered, is asked for again', async () => {
  const { directory } = await directoryOf(answers(notFound, { status: 503 }, found('d-1')));

  expect(await directory.resolveDeployment('orders', 'prod', false)).toEqual({ kind: 'not-found' });
  expect(await directory.resolveDeployment('orders', 'prod', false)).toMatchObject({
    kind: 'unavailable',
    status: 503,
  });
  expect(await directory.resolveDeployment('orders', 'prod', false)).toEqual({
    kind: 'deployment',
    deploymentId: 'd-1',
  });
});

test.each([
  ['the wrong URL', { status: 404, json: { detail: 'Not Found' } }],
  ['a proxy', { status: 404 }],
  ['credentials', { status: 401, json: { exception_message: 'Unauthorized' } }],
  ['an answer of no known shape', { status: 200, json: {} }],
])('a deployment is not said to be missing because of %s', async (_title, answer) => {
  const { directory } = await directoryOf(answers(answer));

  expect(await directory.resolveDeployment('orders', 'prod', false)).toMatchObject({ kind: 'unavailable' });
});

/** Answers that a real server cannot be made to give; the rest is in test/contract/flow-run-client.contract.ts. */
import { afterEach, describe, expect, test } from 'vitest';
import { PrefectFlowRunClient } from '../../../../lib/adapters/prefect/prefect-flow-run-client.ts';
import { PrefectHttp } from '../../../../lib/adapters/prefect/prefect-http.ts';
import { liveRunRequest } from '../../../../lib/prefect/flow-run-request.ts';
import {
  answers,
  startScriptedHttpServer,
  type Script,
} from '../../../support/fakes/scripted-http-server.ts';

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0)) await part.close();
});

async function clientOf(script: Script): Promise<PrefectFlowRunClient> {
  const server = await startScriptedHttpServer(script);
  const http = new PrefectHttp({
    apiUrl: server.url,
    authSecret: 'sluice/prefect',
    headers: {},
    version: 'test',
    secrets: { readSecret: async () => '{"apiKey":"pnu_1"}' },
    clock: { nowEpochMs: () => 0 },
  });
  opened.push(http, server);
  return new PrefectFlowRunClient(http);
}

const request = liveRunRequest({
  batchId: 'P6hfZFcXRWKz_CyWP2avpg.abc',
  routeName: 'orders',
  routeTags: [],
  configHash: '0123456789abcdef',
  members: ['AAAAAAAAAAA'],
  flushReason: 'invocation',
  parametersJson: '{}',
  timeoutMs: 30_000,
});
const run = { id: 'run-1', deployment_id: 'd', labels: request.labels };

describe('a create', () => {
  test.each([200, 201])('that is answered %i is what the labels in the answer say', async (status) => {
    const labels = { ...request.labels, 'sluice.members': 'BBBBBBBBBBBCCCCCCCCCCC', 'sluice.count': 2 };
    const client = await clientOf(answers({ status, json: { ...run, labels } }));

    expect(await client.createFlowRun(request)).toEqual({
      kind: 'run',
      record: {
        kind: 'flow-run',
        batchId: 'P6hfZFcXRWKz_CyWP2avpg.abc',
        flowRunId: 'run-1',
        members: ['BBBBBBBBBBB', 'CCCCCCCCCCC'],
        deadCode: null,
      },
    });
  });

  test.each([401, 403, 408, 429, 500, 502, 503, 504])('that is answered %i is open', async (status) => {
    const client = await clientOf(answers({ status, headers: { 'retry-after': '2' } }));

    expect(await client.createFlowRun(request)).toMatchObject({
      kind: 'unavailable',
      status,
      retryAfterMs: 2000,
    });
  });

  test('that a proxy answers in Prefect’s stead is open, even with a 200', async () => {
    const client = await clientOf((_seen, response) => response.end('<html>Sign in</html>'));

    expect(await client.createFlowRun(request)).toMatchObject({ kind: 'unavailable', status: 200 });
  });

  test('that finds a run without readable labels is broken machinery', async () => {
    const client = await clientOf(answers({ status: 200, json: { ...run, labels: {} } }));

    await expect(client.createFlowRun(request)).rejects.toThrow(
      expect.objectContaining({
        name: 'UnreadableRunError',
        flowRunId: 'run-1',
        batchId: 'P6hfZFcXRWKz_CyWP2avpg.abc',
      }),
    );
  });
});

describe('a look-up', () => {
  test.each([
    ['an error', { status: 500 }],
    ['a refusal', { status: 422, json: { exception_message: 'Invalid request received.' } }],
    ['no list', { status: 200, json: {} }],
    ['a list of something else', { status: 200, json: [{}] }],
  ])('that is answered with %s does not say that there is no run', async (_title, answer) => {
    const client = await clientOf(answers(answer));

    expect(await client.findFlowRun(request.idempotencyKey, 30_000)).toMatchObject({
      kind: 'unavailable',
      status: answer.status,
    });
  });
});

import { afterEach, expect, test } from 'vitest';
import {
  PrefectHttp,
  type PrefectGate,
  type PrefectHttpOptions,
} from '../../../../lib/adapters/prefect/prefect-http.ts';
import type { Observation } from '../../../../lib/budget/control.ts';
import type { Held } from '../../../../lib/budget/request-budget.ts';
import type { SecretSource } from '../../../../lib/ports.ts';
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
  readonly http: PrefectHttp;
  readonly server: ScriptedHttpServer;
}

async function connect(script: Script, options: Partial<PrefectHttpOptions> = {}): Promise<Setting> {
  const server = await startScriptedHttpServer(script);
  const http = new PrefectHttp({
    apiUrl: `${server.url}/api`,
    authSecret: null,
    headers: {},
    version: '1.2.3',
    secrets: secretsOf('{}'),
    clock: { nowEpochMs: () => Date.UTC(2026, 0, 1) },
    ...options,
  });
  opened.push(http, server);
  return { http, server };
}

/** The first text until a refresh is asked for, then the second. */
function secretsOf(current: string, renewed = current): SecretSource {
  let text = current;
  return {
    readSecret: async (_secretId, refresh) => {
      if (refresh) text = renewed;
      return text;
    },
  };
}

const get = { method: 'GET', path: '/version', timeoutMs: 30_000 } as const;

test('a request goes below the API URL, in JSON, under Sluice’s own name', async () => {
  const { http, server } = await connect(answers({ status: 200, json: { a: 1 } }));

  const answer = await http.send({ method: 'POST', path: '/x/y%2Fz', body: '{"b":2}', timeoutMs: 30_000 });

  expect(answer).toEqual({
    kind: 'answered',
    status: 200,
    unverifiedBody: { a: 1 },
    retryAfterMs: null,
    isMaintenance: false,
  });
  expect(server.requests).toMatchObject([
    {
      path: '/api/x/y%2Fz',
      body: '{"b":2}',
      headers: {
        'user-agent': 'sluice/1.2.3',
        'accept': 'application/json',
        'content-type': 'application/json',
      },
    },
  ]);
  expect(server.requests[0]?.headers.authorization).toBeUndefined();
});

test('configured headers are sent, and none of them passes Sluice off as Prefect’s SDK', async () => {
  const { http, server } = await connect(answers({ status: 200 }), {
    headers: { 'X-Proxy-Token': 'abc', 'User-Agent': 'prefect/3.9.1' },
  });

  await http.send(get);

  expect(server.requests[0]?.headers).toMatchObject({ 'x-proxy-token': 'abc', 'user-agent': 'sluice/1.2.3' });
});

test.each([
  ['{"apiKey":"pnu_1"}', 'Bearer pnu_1'],
  ['{"basic":"admin:pass"}', 'Basic YWRtaW46cGFzcw=='],
])('the secret %s becomes a header', async (secret, authorization) => {
  const { http, server } = await connect(answers({ status: 200 }), {
    authSecret: 'sluice/prefect',
    secrets: secretsOf(secret),
  });

  await http.send(get);

  expect(server.requests[0]?.headers.authorization).toBe(authorization);
});

test('a 401 reads the secret anew and asks once more', async () => {
  const { http, server } = await connect(answers({ status: 401 }, { status: 200 }), {
    authSecret: 'sluice/prefect',
    secrets: secretsOf('{"apiKey":"old"}', '{"apiKey":"new"}'),
  });

  expect(await http.send(get)).toMatchObject({ status: 200 });
  expect(server.requests.map((request) => request.headers.authorization)).toEqual([
    'Bearer old',
    'Bearer new',
  ]);
});

test('a 401 that stays is asked twice and no more', async () => {
  const { http, server } = await connect(answers({ status: 401 }), {
    authSecret: 'sluice/prefect',
    secrets: secretsOf('{"apiKey":"old"}', '{"apiKey":"new"}'),
  });

  expect(await http.send(get)).toMatchObject({ status: 401 });
  expect(server.requests).toHaveLength(2);
});

test('a 401 to a secret that has not changed is not asked again', async () => {
  const { http, server } = await connect(answers({ status: 401 }), {
    authSecret: 'sluice/prefect',
    secrets: secretsOf('{"apiKey":"old"}'),
  });

  expect(await http.send(get)).toMatchObject({ status: 401 });
  expect(server.requests).toHaveLength(1);
});

test('a secret of no known shape is an error that names it and tells nothing of it', async () => {
  const { http, server } = await connect(answers({ status: 200 }), {
    authSecret: 'sluice/prefect',
    secrets: secretsOf('hunter2'),
  });

  const error = await http.send(get).catch((caught: unknown) => caught);

  expect(error).toMatchObject({ name: 'PrefectSecretError', secretId: 'sluice/prefect' });
  expect(String(error)).not.toContain('hunter2');
  expect(server.requests).toEqual([]);
});

test('Retry-After is read, dates by the clock included', async () => {
  const { http } = await connect(
    answers(
      { status: 429, headers: { 'retry-after': '1.62' } },
      { status: 503, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' } },
    ),
  );

  expect(await http.send(get)).toMatchObject({ status: 429, retryAfterMs: 1620 });
  expect(await http.send(get)).toMatchObject({ status: 503, retryAfterMs: 9000 });
});

test('a body that is not JSON is reported as absent', async () => {
  const { http } = await connect((_seen, response) =>
    response.writeHead(502).end('<html>Bad Gateway</html>'),
  );

  expect(await http.send(get)).toEqual({
    kind: 'answered',
    status: 502,
    unverifiedBody: undefined,
    retryAfterMs: null,
    isMaintenance: false,
  });
});

test('the timeout ends a request without a response', async () => {
  const { http } = await connect(() => undefined);

  expect(await http.send({ ...get, timeoutMs: 150.5 })).toEqual({
    kind: 'unanswered',
    detail: 'the request timed out',
  });
});

test('a time-out that is over already is one', async () => {
  const { http } = await connect(() => undefined);

  expect(await http.send({ ...get, timeoutMs: -5 })).toMatchObject({ kind: 'unanswered' });
});

class RecordingGate implements PrefectGate {
  admitted = 0;
  readonly observed: string[] = [];
  held: Held | null = null;

  admitOne(): Promise<Held | null> {
    if (this.held === null) this.admitted++;
    return Promise.resolve(this.held);
  }

  observe({ kind }: Observation): Promise<void> {
    this.observed.push(kind);
    return Promise.resolve();
  }
}

test('a request that is held is not sent', async () => {
  const gate = new RecordingGate();
  gate.held = { kind: 'held', by: 'budget', detail: 'used up', retryAfterMs: 7 };
  const { http, server } = await connect(answers({ status: 200, json: {} }), { gate });
  expect(await http.send(get)).toBe(gate.held);
  expect(server.requests).toEqual([]);
});

test('a request with renewed credentials passes the gate as well', async () => {
  const gate = new RecordingGate();
  const { http } = await connect(answers({ status: 401, json: {} }), {
    gate,
    authSecret: 'sluice/prefect',
    secrets: secretsOf('{"apiKey":"old"}', '{"apiKey":"new"}'),
  });
  await http.send(get);
  expect(gate.admitted).toBe(2);
  expect(gate.observed).toEqual(['failure', 'failure']);
});

test.each([
  ['a result', { status: 200, json: {} }, 'success'],
  ['input that Prefect refuses', { status: 422, json: { detail: [] } }, 'success'],
  [
    'a deployment that Prefect does not have',
    { status: 404, json: { detail: 'Deployment not found' } },
    'success',
  ],
  ['the 404 of something else', { status: 404, json: '<html>' }, 'failure'],
  ['a server error', { status: 500, json: {} }, 'failure'],
  ['credentials that are not accepted', { status: 403, json: {} }, 'failure'],
  ['a rate limit', { status: 429, json: {}, headers: { 'retry-after': '1.5' } }, 'rate-limited'],
  ['a server that asks to wait', { status: 503, json: {}, headers: { 'retry-after': '20' } }, 'rate-limited'],
  ['maintenance', { status: 503, json: {}, headers: { 'Prefect-Maintenance': 'true' } }, 'maintenance'],
] as const)('the gate learns from %s', async (_, response, kind) => {
  const gate = new RecordingGate();
  const { http } = await connect(answers(response), { gate });
  await http.send(get);
  expect(gate.observed).toEqual([kind]);
});

test('a check is sent whatever the gate says, and passes when Prefect takes it', async () => {
  const gate = new RecordingGate();
  gate.held = { kind: 'held', by: 'breaker', detail: 'down', retryAfterMs: 7 };
  const up = await connect(answers({ status: 200, json: 3 }), { gate });
  expect(await up.http.check(5_000)).toBe(true);
  expect(up.server.requests).toMatchObject([{ method: 'POST', path: '/api/deployments/count' }]);
  const down = await connect(answers({ status: 500, json: {} }), { gate });
  expect(await down.http.check(5_000)).toBe(false);
});

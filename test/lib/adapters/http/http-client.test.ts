import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HttpClient, type HttpResult, type HttpRequest } from '../../../../lib/adapters/http/http-client.ts';
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

async function serve(script: Script): Promise<ScriptedHttpServer> {
  const server = await startScriptedHttpServer(script);
  opened.push(server);
  return server;
}

function exchangeOf(url: string): (changes?: Partial<HttpRequest>) => Promise<HttpResult> {
  const http = new HttpClient();
  opened.push(http);
  return (changes = {}) =>
    http.request({
      method: 'POST',
      url: new URL(url),
      headers: {},
      body: '{}',
      signal: AbortSignal.timeout(30_000),
      maxAnswerBytes: 1000,
      ...changes,
    });
}

test('an answer is its status, its headers and its whole body', async () => {
  const server = await serve((_seen, response) => {
    response.writeHead(418, { 'retry-after': '7' });
    response.write('grüße ');
    response.end('😀');
  });

  const answer = await exchangeOf(server.url)();

  expect(answer).toMatchObject({ kind: 'answered', status: 418, body: 'grüße 😀' });
  expect(answer.kind === 'answered' && answer.headers['retry-after']).toBe('7');
});

test('a body is sent whole with its length in bytes, and no body has none', async () => {
  const server = await serve(answers({ status: 200 }));
  const exchange = exchangeOf(server.url);

  await exchange({ body: '"é"' });
  await exchange({ method: 'GET', body: null });

  const [post, get] = server.requests;
  expect(post).toMatchObject({ method: 'POST', body: '"é"', headers: { 'content-length': '4' } });
  expect(post?.headers['transfer-encoding']).toBeUndefined();
  expect(get).toMatchObject({ method: 'GET', body: '' });
  expect(get?.headers['content-length']).toBeUndefined();
});

test('requests one after the other share a connection', async () => {
  const server = await serve(answers({ status: 200 }));
  const exchange = exchangeOf(server.url);

  await exchange();
  await exchange();

  expect(new Set(server.requests.map((request) => request.clientPort)).size).toBe(1);
});

test('a connection that the server closed while it was idle is replaced once', async () => {
  const server = await serve((seen, response) => {
    // The second request on a connection meets what a thawed function meets: a reset instead of an answer.
    const onSameConnection = server.requests.filter((request) => request.clientPort === seen.clientPort);
    if (onSameConnection.length > 1) response.destroy();
    else response.end('fine');
  });
  const exchange = exchangeOf(server.url);

  await exchange();
  const second = await exchange();

  expect(second).toMatchObject({ kind: 'answered', body: 'fine' });
  expect(server.requests).toHaveLength(3);
});

test('a fresh connection that breaks is not tried again', async () => {
  const server = await serve((_seen, response) => response.destroy());

  expect(await exchangeOf(server.url)()).toEqual({
    kind: 'unanswered',
    detail: 'the connection failed: ECONNRESET',
  });
  expect(server.requests).toHaveLength(1);
});

test('a server that is not there is no answer', async () => {
  const server = await startScriptedHttpServer(answers({ status: 200 }));
  await server.close();

  expect(await exchangeOf(server.url)()).toEqual({
    kind: 'unanswered',
    detail: 'the connection failed: ECONNREFUSED',
  });
});

test.each<[string, Script]>([
  ['no answer begins', () => undefined],
  ['an answer begins and does not end', (_seen, response) => void response.writeHead(200).write('{')],
])('the time-out holds while %s', async (_title, script) => {
  const server = await serve(script);

  const answer = await exchangeOf(server.url)({ signal: AbortSignal.timeout(200) });

  expect(answer).toEqual({ kind: 'unanswered', detail: 'the request timed out' });
});

test('an answer that breaks off is none', async () => {
  const server = await serve((_seen, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"id":', () => response.destroy());
  });

  expect(await exchangeOf(server.url)()).toEqual({
    kind: 'unanswered',
    detail: 'the connection failed: ECONNRESET',
  });
});

test('an answer beyond the limit is not read to its end, and one at the limit is', async () => {
  const server = await serve((seen, response) => {
    if (seen.body === 'endless') {
      const writeOn = (): void => {
        if (!response.destroyed) response.write('x'.repeat(500), writeOn);
      };
      writeOn();
    } else response.end('x'.repeat(1000));
  });
  const exchange = exchangeOf(server.url);

  expect(await exchange({ body: 'endless' })).toEqual({
    kind: 'unanswered',
    detail: 'the answer is longer than 1000 bytes',
  });
  expect(await exchange()).toMatchObject({ kind: 'answered', status: 200 });
});

test('a response that is not HTTP counts as none', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.end('SSH-2.0-OpenSSH\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(server);
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  expect(await exchangeOf(`http://127.0.0.1:${port ?? 0}`)()).toMatchObject({
    kind: 'unanswered',
    detail: expect.stringMatching(/^the connection failed: HPE_/) as string,
  });
  expect(sockets).toHaveLength(1);
});

test('a wrong call is an error, not an outage', async () => {
  await expect(exchangeOf('http://127.0.0.1:9')({ headers: { authorization: 'a\nb' } })).rejects.toThrow(
    'Invalid character',
  );
});

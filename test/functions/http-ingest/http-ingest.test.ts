import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHttpIngestHandler } from '../../../functions/http-ingest/http-ingest.ts';
import type { HttpIngestEvent } from '../../../functions/http-ingest/request.ts';
import type { CompiledHttpSource, CompiledOutcomeLogs } from '../../../lib/compiled-config/compiled.ts';
import type { RunWaiting } from '../../../lib/ingest.ts';
import type { RequestStatus, RouteStatus } from '../../../lib/flow-run-status/status.ts';
import { makeHttpSource } from '../../support/builders/compiled-config.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../../support/fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { makeApiGatewayEvent } from '../../support/builders/make-api-gateway-event.ts';
import { makeLambdaContext } from '../../support/builders/make-lambda-context.ts';
import { WEBHOOK_SENDERS } from '../../support/builders/sign-webhook.ts';

const limits = { maxEventBytes: 1_000, maxDepth: 4, maxKeys: 100 };
const anyText: unknown = expect.any(String);
const RUN: RouteStatus = { state: 'created', route: 'process-orders', flowRunId: 'run-1' };
const token = { authorization: 'Bearer s3cret' };

afterEach(() => {
  vi.restoreAllMocks();
});

/** The endpoint, and what it writes: Powertools prints log lines and metrics through consoles of their own. */
function makeEndpoint(
  overrides: Partial<CompiledHttpSource> = {},
  inquiry?: RunWaiting['inquiry'],
  outcomeLogs: CompiledOutcomeLogs = { kind: 'all' },
) {
  const written: string[] = [];
  const capture = (chunk: unknown): boolean => written.push(String(chunk)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(capture);
  vi.spyOn(process.stderr, 'write').mockImplementation(capture);
  const queue = new InMemoryEventQueue();
  const secrets = new InMemorySecretSource({ 'sluice/orders': 's3cret' });
  const documents = new InMemoryDocumentSource();
  const handler = createHttpIngestHandler({
    outcomeLogs,
    source: makeHttpSource(overrides),
    limits,
    ports: { queue, secrets, documents, clock: { nowEpochMs: () => 1_790_000_000_000 } },
    ...(inquiry && { runInquiry: Promise.resolve(inquiry) }),
    logger: new Logger({ serviceName: 'http-ingest' }),
    metrics: new Metrics({
      namespace: 'Sluice',
      serviceName: 'http-ingest',
      defaultDimensions: { source: 'orders-hook' },
    }),
  });
  const context: Context = makeLambdaContext();
  const send = async (event: HttpIngestEvent) => {
    const { statusCode, headers = {}, body = '' } = await handler(event, context);
    const answer: unknown = JSON.parse(body);
    return { statusCode, headers, answer };
  };
  const lines = (): unknown[] =>
    written
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  return { handler, queue, secrets, documents, send, lines, written };
}

function isRequestLine(line: unknown): boolean {
  return typeof line === 'object' && line !== null && 'message' in line && line.message === 'request';
}

describe('the endpoint', () => {
  it('answers 202 with the ids of the events that are stored by then', async () => {
    const { queue, send } = makeEndpoint();
    const event = makeApiGatewayEvent({
      headers: { ...token, 'content-type': 'application/cloudevents-batch+json' },
      body: Buffer.from(
        '[{"specversion":"1.0","id":"1","source":"/a","type":"t"},{"specversion":"1.0","id":"2","source":"/a","type":"t"}]',
      ).toString('base64'),
      isBase64Encoded: true,
    });
    expect(await send(event)).toEqual({
      statusCode: 202,
      headers: { 'content-type': 'application/json' },
      answer: {
        events: [
          { id: '1', source: '/a' },
          { id: '2', source: '/a' },
        ],
      },
    });
    expect(queue.messages.map(({ attributes }) => attributes)).toMatchObject([
      { 'sluice-source': 'orders-hook', 'sluice-request-id': 'request-1', 'sluice-index': '0' },
      { 'sluice-source': 'orders-hook', 'sluice-request-id': 'request-1', 'sluice-index': '1' },
    ]);
  });

  it.each<[string, RequestStatus, number, string]>([
    ['201 when every run is there', { events: [[RUN, RUN], []], failure: null }, 201, 'created'],
    [
      '202 when one is not',
      { events: [[RUN], [RUN, { state: 'pending', route: 'b' }]], failure: null },
      202,
      'accepted',
    ],
    [
      '202 when one never will be',
      { events: [[RUN], [{ state: 'dead-lettered', route: 'b', code: 'expression-failed' }]], failure: null },
      202,
      'accepted',
    ],
    [
      '202 when a window has it',
      { events: [[{ state: 'held', route: 'b' }], []], failure: null },
      202,
      'accepted',
    ],
    ['200 when no route wants any', { events: [[], []], failure: null }, 200, 'no-route-matched'],
  ])('that waits for flow runs answers %s', async (_what, progress, statusCode, code) => {
    const deadlines: number[] = [];
    const { queue, send, lines } = makeEndpoint(undefined, {
      poll: async (messages, deadline) => {
        deadlines.push(deadline.remainingMs());
        expect(messages).toEqual(queue.messages);
        return progress;
      },
    });
    const { answer, ...rest } = await send(makeApiGatewayEvent({ headers: token, body: '[1,2]' }));
    expect(rest).toEqual({ statusCode, headers: { 'content-type': 'application/json' } });
    const id: unknown = expect.stringMatching(/./);
    expect(answer).toEqual({
      events: progress.events.map((routes) => ({ id, source: 'sluice:orders-hook', routes })),
    });
    expect(deadlines).toEqual([expect.any(Number)]);
    expect(lines()).toContainEqual(expect.objectContaining({ status: statusCode, code, acceptedEvents: 2 }));
  });

  it('writes no line for an accepted request where only exceptions are logged, and one for every refused request', async () => {
    const { send, lines, queue } = makeEndpoint(undefined, undefined, { kind: 'exceptions' });
    await send(makeApiGatewayEvent({ headers: token, body: '1' }));
    expect(queue.messages).toHaveLength(1);
    expect(lines().filter((line) => isRequestLine(line))).toEqual([]);
    await send(makeApiGatewayEvent({ headers: { authorization: 'Bearer guessed' }, body: '1' }));
    await send(makeApiGatewayEvent({ headers: token, body: '{' }));
    expect(lines().filter((line) => isRequestLine(line))).toMatchObject([{ status: 401 }, { status: 400 }]);
  });

  it('asks for no flow runs of a request that is refused', async () => {
    const { send } = makeEndpoint(undefined, { poll: () => Promise.reject(new Error('was asked')) });
    const refused = await send(
      makeApiGatewayEvent({ headers: { authorization: 'Bearer guessed' }, body: '1' }),
    );
    expect(refused).toMatchObject({ statusCode: 401 });
    expect(await send(makeApiGatewayEvent({ headers: token, body: '{' }))).toMatchObject({ statusCode: 400 });
  });

  it('answers 202 when the table cannot be read, and the log says why', async () => {
    const failure = new Error('AccessDenied');
    const { send, lines } = makeEndpoint(undefined, {
      poll: async () => ({ events: [[{ state: 'pending', route: 'a' }]], failure }),
    });
    expect(await send(makeApiGatewayEvent({ headers: token, body: '1' }))).toMatchObject({ statusCode: 202 });
    expect(lines()).toContainEqual(
      expect.objectContaining({
        code: 'accepted',
        error: expect.objectContaining({ message: 'AccessDenied' }) as unknown,
      }),
    );
  });

  it.each<[string, Parameters<typeof makeApiGatewayEvent>[0], number, string]>([
    ['no JSON', { body: '{"a":' }, 400, 'invalid-json'],
    ['no body', {}, 400, 'empty-body'],
    ['bytes that are no UTF-8', { body: '/w==', isBase64Encoded: true }, 400, 'invalid-utf8'],
    [
      'an incomplete CloudEvent',
      { body: '{}', headers: { ...token, 'content-type': 'application/cloudevents+json' } },
      400,
      'invalid-cloudevent',
    ],
    ['no credentials', { body: '{}', headers: {} }, 401, 'credentials-missing'],
    ['wrong credentials', { body: '{}', headers: { authorization: 'Bearer x' } }, 401, 'invalid-credentials'],
    ['another path', { path: '/other', body: '{}' }, 404, 'not-found'],
    ['another method', { method: 'PUT', body: '{}' }, 405, 'method-not-allowed'],
    ['a body that is too large', { body: `"${'x'.repeat(2_000)}"` }, 413, 'too-large'],
    ['an event that is too large', { body: `"${'x'.repeat(1_000)}"` }, 413, 'too-large'],
    ['too many events', { body: '[1,2,3]' }, 413, 'too-many-events'],
    [
      'another charset',
      { body: '{}', headers: { ...token, 'content-type': 'application/json; charset=utf-16' } },
      415,
      'unsupported-content-type',
    ],
    [
      'a compressed body',
      { body: 'H4s=', isBase64Encoded: true, headers: { ...token, 'content-encoding': 'gzip' } },
      415,
      'unsupported-content-encoding',
    ],
    ['a NUL', { body: String.raw`"\u0000"` }, 422, 'nul-character'],
    ['half of a pair', { body: String.raw`"\ud800"` }, 422, 'lone-surrogate'],
    ['five levels', { body: '[[[[[[1]]]]]]' }, 422, 'too-deep'],
    ['1e400', { body: '1e400' }, 422, 'number-out-of-range'],
  ])('answers %s with a problem of its own', async (_name, overrides, status, code) => {
    const { queue, send } = makeEndpoint({ maxEventsPerRequest: 2, maxBodyBytes: 1_500 });
    const answer = await send(makeApiGatewayEvent({ headers: token, ...overrides }));
    expect(answer).toMatchObject({
      statusCode: status,
      headers: { 'content-type': 'application/problem+json' },
      answer: { status, code, requestId: 'request-1', title: anyText, detail: anyText },
    });
    expect(queue.messages).toEqual([]);
  });

  it('says which scheme a 401 asks for and which method a 405 allows', async () => {
    const { send } = makeEndpoint();
    expect((await send(makeApiGatewayEvent({ body: '{}' }))).headers).toMatchObject({
      'www-authenticate': 'Bearer',
    });
    expect((await send(makeApiGatewayEvent({ method: 'GET' }))).headers).toMatchObject({ allow: 'POST' });
  });

  it('lists every bad event of a batch that it refuses', async () => {
    const { send } = makeEndpoint();
    const { answer } = await send(
      makeApiGatewayEvent({ headers: token, body: String.raw`[1,"\u0000",[[[[[1]]]]]]` }),
    );
    expect(answer).toMatchObject({
      status: 422,
      index: 1,
      badEvents: [
        { index: 1, code: 'nul-character', detail: anyText },
        { index: 2, code: 'too-deep', detail: anyText },
      ],
    });
  });

  it('answers 503 with Retry-After when the queue is out of reach, and 202 to the same request later', async () => {
    const { queue, send } = makeEndpoint();
    const event = makeApiGatewayEvent({ headers: token, body: '{}' });
    queue.isAvailable = false;
    expect(await send(event)).toMatchObject({
      statusCode: 503,
      headers: { 'retry-after': '5' },
      answer: { code: 'queue-unavailable' },
    });
    queue.isAvailable = true;
    expect(await send(event)).toMatchObject({ statusCode: 202 });
  });

  it('answers 500 to everyone when its secret is unusable, and logs the reason', async () => {
    const { secrets, send, lines } = makeEndpoint();
    secrets.rotate('sluice/orders', '');
    expect(
      await send(makeApiGatewayEvent({ headers: { authorization: 'Bearer x' }, body: '{}' })),
    ).toMatchObject({
      statusCode: 500,
      answer: { code: 'secret-unusable' },
    });
    const unusable: unknown = expect.objectContaining({ name: 'UnusableSecretError' });
    expect(lines()).toContainEqual(expect.objectContaining({ level: 'ERROR', error: unusable }));
  });

  it('answers 403 where API Gateway should have asked for IAM and did not', async () => {
    const { send } = makeEndpoint({ verify: { scheme: 'iam' } });
    expect(await send(makeApiGatewayEvent({ body: '{}' }))).toMatchObject({ statusCode: 403 });
    expect(await send(makeApiGatewayEvent({ body: '{}', iamCallerArn: 'arn:a' }))).toMatchObject({
      statusCode: 202,
    });
  });
});

describe('the endpoint of a sender that signs', () => {
  const nowEpochMs = 1_790_000_000_000;
  const { secret, headersOf } = WEBHOOK_SENDERS.slack;
  const verify = {
    scheme: 'webhook',
    provider: 'slack',
    secret: 'sluice/orders',
    toleranceSeconds: 300,
    publicUrl: null,
  } as const;

  function makeSlackEndpoint(overrides: Partial<CompiledHttpSource> = {}) {
    const endpoint = makeEndpoint({ verify, ...overrides });
    endpoint.secrets.rotate('sluice/orders', secret);
    const post = (body: string, changes: Readonly<Record<string, string>> = {}) => {
      const headers = headersOf({ body, url: '', nowEpochMs, id: '' });
      return endpoint.send(makeApiGatewayEvent({ body, headers: { ...headers, ...changes } }));
    };
    return { ...endpoint, post };
  }

  it('makes one event of a delivery, however often it is sent, by the name that the sender gives it', async () => {
    const { queue, post } = makeSlackEndpoint();
    const first = await post('{"type":"event_callback","event_id":"Ev1","try":1}');
    const second = await post('{"type":"event_callback","event_id":"Ev1","try":2}');
    expect(first.answer).toEqual({ events: [{ id: 'Ev1', source: 'sluice:orders-hook' }] });
    expect(second.answer).toEqual(first.answer);
    expect(queue.messages).toHaveLength(2);
  });

  it('answers a handshake, makes no event of it, and counts it neither accepted nor refused', async () => {
    const { queue, post, lines } = makeSlackEndpoint();
    const { statusCode, headers, answer } = await post('{"type":"url_verification","challenge":"c"}');
    expect({ statusCode, headers, answer }).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
      answer: { challenge: 'c' },
    });
    expect(queue.messages).toEqual([]);
    expect(lines()).toContainEqual(expect.objectContaining({ code: 'slack-url-verification', status: 200 }));
    expect(lines()).not.toContainEqual(expect.objectContaining({ RequestsRefused: 1 }));
  });

  it('answers 401 to what is forged, names the scheme, and writes nothing of secret, signature or body', async () => {
    const { queue, post, written } = makeSlackEndpoint();
    const signature = `v0=${'ab'.repeat(32)}`;
    const refusal = await post('{"challenge":"hunter2","type":"url_verification"}', {
      'X-Slack-Signature': signature,
    });
    expect(refusal).toMatchObject({
      statusCode: 401,
      headers: { 'www-authenticate': 'Signature header="x-slack-signature"' },
      answer: { code: 'invalid-signature' },
    });
    const all = `${JSON.stringify(refusal)}${written.join('')}`;
    for (const hidden of [secret, signature, 'hunter2']) expect(all).not.toContain(hidden);
    expect(queue.messages).toEqual([]);
  });

  it('answers OPTIONS without a body to those who may send', async () => {
    const { handler } = makeSlackEndpoint({ webhookOrigins: ['*'] });
    const headers = { 'WebHook-Request-Origin': 'a.example', 'WebHook-Request-Rate': '10' };
    const event = makeApiGatewayEvent({ method: 'OPTIONS', headers });
    expect(await handler(event, makeLambdaContext())).toEqual({
      statusCode: 200,
      headers: { 'allow': 'POST', 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' },
    });
  });

  it('answers 503 when the keys of the sender are out of reach', async () => {
    const { documents, send } = makeEndpoint({
      verify: {
        scheme: 'jwt',
        issuer: 'https://issuer.example',
        audience: ['a'],
        jwksUrl: 'https://issuer.example/keys',
        claims: {},
      },
    });
    documents.isAvailable = false;
    expect(await send(makeApiGatewayEvent({ headers: token, body: '{}' }))).toMatchObject({
      statusCode: 503,
      answer: { code: 'verification-keys-unavailable' },
    });
  });
});

describe('what the endpoint writes', () => {
  it('is one line for a request, with what became of it', async () => {
    const { send, lines } = makeEndpoint();
    await send(makeApiGatewayEvent({ headers: token, body: '[1,2]' }));
    const requestLines = lines().filter((line) => JSON.stringify(line).includes('"message":"request"'));
    expect(requestLines).toEqual([
      expect.objectContaining({
        level: 'INFO',
        requestId: 'request-1',
        source: 'orders-hook',
        status: 202,
        code: 'accepted',
        acceptedEvents: 2,
        caller: 'token',
      }),
    ]);
  });

  it('counts accepted events, and refused requests by code', async () => {
    const { send, lines } = makeEndpoint();
    await send(makeApiGatewayEvent({ headers: token, body: '[1,2]' }));
    await send(makeApiGatewayEvent({ headers: token, body: '{' }));
    expect(lines()).toContainEqual(expect.objectContaining({ EventsAccepted: 2, source: 'orders-hook' }));
    expect(lines()).toContainEqual(
      expect.objectContaining({ RequestsRefused: 1, source: 'orders-hook', code: 'invalid-json' }),
    );
  });

  it('holds nothing of bodies, headers and tokens', async () => {
    const { queue, send, written } = makeEndpoint();
    const secretive = { 'authorization': 'Bearer hunter2', 'x-custom': 'hunter2' };
    await send(makeApiGatewayEvent({ headers: secretive, body: 'hunter2' }));
    await send(makeApiGatewayEvent({ headers: { ...secretive, ...token }, body: 'hunter2' }));
    await send(makeApiGatewayEvent({ headers: { ...secretive, ...token }, body: '{"password":"hunter2"}' }));
    queue.isAvailable = false;
    await send(makeApiGatewayEvent({ headers: { ...secretive, ...token }, body: '{"password":"hunter2"}' }));
    expect(written.join('')).toContain('request-1');
    expect(written.join('')).not.toContain('hunter2');
    expect(written.join('')).not.toContain('s3cret');
  });
});

/**
 * Handshakes by GET, HEAD and POST, each request and response as its sender documents it, from the configuration that a
 * user writes to the response of the function.
 */
import { readFileSync } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createHttpIngestHandler } from '../../../functions/http-ingest/http-ingest.ts';
import type { CompiledHttpSource } from '../../../lib/compiled-config/compiled.ts';
import { loadConfigText } from '../../../lib/config/load-config.ts';
import { SecretUnavailableError } from '../../../lib/unavailable-error.ts';
import { makeApiGatewayEvent } from '../../support/builders/make-api-gateway-event.ts';
import { makeLambdaContext } from '../../support/builders/make-lambda-context.ts';
import { WEBHOOK_SENDERS } from '../../support/builders/sign-webhook.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../../support/fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';

const NOW = 1_790_000_000_000;
const TOKEN = 'vibecoding';
const RECIPE = 'the recipe of docs/http.md';

/** The recipe of the page, with the path of these tests. */
function recipe(): string {
  const page = readFileSync(new URL('../../../docs/http.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /\n## Handshakes\n.*?```yaml\nsources:\n(.*?)```/s.exec(page) ?? [];
  return yaml.replace('sessions-hook:', 'hook:').replace('path: /sessions', 'path: /orders');
}

function sourceOf(fields: string): CompiledHttpSource {
  const hook = fields === RECIPE ? recipe() : `  hook: { type: http, path: /orders, ${fields} }`;
  const result = loadConfigText(
    `
prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources:
${hook}
routes: { work: { from: [hook], run: { deployment: work/prod } } }
`,
    'sluice.yaml',
  );
  const source = result.ok ? result.config.sources['hook'] : undefined;
  if (source?.type !== 'http') throw new Error(`not a configuration: ${fields}`);
  return source;
}

interface Asked {
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly requestId?: string;
}

function makeEndpoint(fields: string, secretTexts: Readonly<Record<string, string>> = {}) {
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  const queue = new InMemoryEventQueue();
  const secrets = new InMemorySecretSource({
    'sluice/verify': TOKEN,
    'sluice/sessions-verify': TOKEN,
    'sluice/hook': 's3cret',
    ...secretTexts,
  });
  const handler = createHttpIngestHandler({
    outcomeLogs: { kind: 'all' },
    source: sourceOf(fields),
    limits: { maxEventBytes: 20_000, maxDepth: 64, maxKeys: 1_000 },
    ports: { queue, secrets, documents: new InMemoryDocumentSource(), clock: { nowEpochMs: () => NOW } },
    logger: new Logger({ serviceName: 'http-ingest', logLevel: 'SILENT' }),
    metrics: new Metrics({ namespace: 'Sluice', serviceName: 'http-ingest' }),
  });
  const ask = async ({ requestId = 'request-1', ...asked }: Asked) => {
    const event = makeApiGatewayEvent(asked);
    const {
      statusCode,
      headers = {},
      body,
    } = await handler(
      { ...event, requestContext: { ...event.requestContext, requestId } },
      makeLambdaContext(),
    );
    return { status: statusCode ?? 0, headers, body };
  };
  return { queue, secrets, ask };
}

const META = 'verify: { scheme: meta, secret: sluice/hook, verifyToken: { secret: sluice/verify } }';
const DROPBOX = 'verify: { scheme: dropbox, secret: sluice/hook }';
const OKTA = 'verify: { scheme: okta, secret: sluice/hook }';
const TRELLO = 'verify: { scheme: trello, secret: sluice/hook }';
const GRAPH = 'verify: { scheme: microsoft-graph, secret: sluice/hook }';
const MONDAY = 'verify: { scheme: monday, secret: sluice/hook }';
const SMARTSHEET =
  'verify: none, handshake: { method: POST, header: Smartsheet-Hook-Challenge, answer: { json: smartsheetHookResponse } }';

const META_QUERY = `hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${TOKEN}`;
const GRAPH_TOKEN =
  'Validation: Testing client application reachability for subscription Request-Id: 7d8d9d3f-7f3c-4b36-a2ca-1f2d5dd7e4e0';

const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
const JSON_TYPE = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' };

interface Vector {
  readonly fields: string;
  readonly asked: Asked;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const VECTORS: Readonly<Record<string, Vector>> = {
  // https://developers.facebook.com/docs/graph-api/webhooks/getting-started, "Verification Requests"
  'Meta': { fields: META, asked: { method: 'GET', query: META_QUERY }, body: '1158201444', headers: PLAIN },
  // https://www.dropbox.com/developers/reference/webhooks, "The verification request"
  'Dropbox': {
    fields: DROPBOX,
    asked: { method: 'GET', query: 'challenge=abc123' },
    body: 'abc123',
    headers: PLAIN,
  },
  // https://developer.okta.com/docs/concepts/event-hooks/, "One-time verification request"
  'Okta': {
    fields: OKTA,
    asked: { method: 'GET', headers: { 'X-Okta-Verification-Challenge': 'my verification challenge' } },
    body: '{"verification":"my verification challenge"}',
    headers: JSON_TYPE,
  },
  // https://learn.microsoft.com/graph/change-notifications-delivery-webhooks, "notificationUrl validation"
  'Microsoft Graph': {
    fields: GRAPH,
    asked: {
      query: `validationToken=${encodeURIComponent(GRAPH_TOKEN)}`,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    },
    body: GRAPH_TOKEN,
    headers: PLAIN,
  },
  // https://developer.monday.com/api-reference/docs/webhooks, "URL Verification"
  'monday.com': {
    fields: MONDAY,
    asked: { body: '{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}' },
    body: '{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}',
    headers: JSON_TYPE,
  },
  // https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/
  'Trello': { fields: TRELLO, asked: { method: 'HEAD' }, body: undefined, headers: {} },
  // https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-verification
  'Smartsheet, without a preset': {
    fields: SMARTSHEET,
    asked: {
      headers: { 'Smartsheet-Hook-Challenge': '0d2e5b8f' },
      body: '{"challenge":"0d2e5b8f","webhookId":4}',
    },
    body: '{"smartsheetHookResponse":"0d2e5b8f"}',
    headers: JSON_TYPE,
  },
  // https://docs.prelude.so/session/documentation/webhooks/verification-event
  'a sender with a token, without a preset': {
    fields: RECIPE,
    asked: {
      method: 'GET',
      query: `event=activate&verification_token=${TOKEN}&challenge=1234567890&app_id=1`,
    },
    body: '1234567890',
    headers: PLAIN,
  },
};

describe('the handshake of', () => {
  it.each(Object.entries(VECTORS))('%s is answered as it documents', async (_name, vector) => {
    const { queue, ask } = makeEndpoint(vector.fields);
    const answer = await ask(vector.asked);
    expect(answer).toMatchObject({ status: 200, headers: vector.headers });
    expect(answer.body).toBe(vector.body);
    expect(queue.messages).toEqual([]);
  });

  it('Meta is refused without the verify token, whatever else it has', async () => {
    const { queue, ask } = makeEndpoint(META);
    for (const query of [
      '',
      'hub.mode=subscribe&hub.challenge=1',
      'hub.challenge=1&hub.verify_token=',
      'hub.challenge=1&hub.verify_token=guess',
      `hub.challenge=1&hub.verify_token=${TOKEN}x`,
      `hub.challenge=1&hub.verify_token=${TOKEN.toUpperCase()}`,
      `hub.challenge=1&hub.verify_token=guess&hub.verify_token=${TOKEN}`,
      `hub.challenge=1&hub.verify_token=${'a'.repeat(100_000)}`,
    ]) {
      const answer = await ask({ method: 'GET', query });
      expect(answer, query).toMatchObject({ status: 403 });
      expect(answer.body).toContain('"verify-token-invalid"');
      expect(answer.body).not.toContain(TOKEN);
    }
    expect(queue.messages).toEqual([]);
  });

  it('Meta knows the old and the new verify token while it is being rotated', async () => {
    const list = JSON.stringify([
      { id: 'old', value: 'old-token', notAfter: new Date(NOW).toISOString() },
      { id: 'next', value: 'next-token' },
      { id: 'new', value: 'new-token' },
    ]);
    const { ask } = makeEndpoint(META, { 'sluice/verify': list });
    const statusOf = async (token: string) =>
      (await ask({ method: 'GET', query: `hub.challenge=1&hub.verify_token=${token}` })).status;
    expect(await Promise.all(['old-token', 'next-token', 'new-token'].map(statusOf))).toEqual([
      403, 200, 200,
    ]);
  });

  it.each([
    ['empty', '', 500],
    ['an empty list', '[]', 500],
  ])('Meta opens to no one when the secret with the token is %s', async (_what, text, status) => {
    const { ask } = makeEndpoint(META, { 'sluice/verify': text });
    expect(await ask({ method: 'GET', query: META_QUERY })).toMatchObject({ status });
  });

  it('Meta is asked to try again when Secrets Manager cannot be reached', async () => {
    const { secrets, ask } = makeEndpoint(META);
    vi.spyOn(secrets, 'readSecret').mockRejectedValue(
      new SecretUnavailableError({ secretId: 'sluice/verify', detail: 'time-out', retryable: true }),
    );
    expect(await ask({ method: 'GET', query: META_QUERY })).toMatchObject({ status: 503 });
  });
});

describe('a challenge', () => {
  it.each([
    ['<script>alert(1)</script>'],
    ['"><img src=x onerror=alert(1)>'],
    ['&lt;script&gt;'],
    ["'onload='x"],
    ['`x`'],
    ['line\nbreak'],
    ['a\u0000b'],
    ['ключ'],
    ['\u202Eabc'],
    ['a'.repeat(1_025)],
  ])('%j is refused, and not repeated', async (challenge) => {
    for (const fields of [DROPBOX, OKTA, GRAPH, MONDAY]) {
      const { queue, ask } = makeEndpoint(fields);
      const encoded = encodeURIComponent(challenge);
      const answer = await ask(
        fields === DROPBOX
          ? { method: 'GET', query: `challenge=${encoded}` }
          : fields === OKTA
            ? { method: 'GET', headers: { 'x-okta-verification-challenge': challenge } }
            : fields === GRAPH
              ? { query: `validationToken=${encoded}` }
              : { body: JSON.stringify({ challenge }) },
      );
      expect(answer.status).toBe(400);
      expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json' });
      expect(answer.body).toContain('"challenge-malformed"');
      expect(answer.body).not.toContain(challenge);
      expect(queue.messages).toEqual([]);
    }
  });

  it.each(['', 'challenge', 'other=1', 'challenge=a&challenge=b', 'CHALLENGE=a', 'challenge%00=a'])(
    'in the query %j is missing, or one of two',
    async (query) => {
      const answer = await makeEndpoint(DROPBOX).ask({ method: 'GET', query });
      expect(answer).toMatchObject({ status: 400 });
      expect(answer.body).toMatch(/"challenge-(missing|malformed)"/);
    },
  );
});

describe('a source with a handshake', () => {
  const ALL = [META, DROPBOX, OKTA, TRELLO, GRAPH, MONDAY, SMARTSHEET, RECIPE];

  it('never makes an event of a GET or a HEAD, and never answers with HTML', async () => {
    const endpoints = ALL.map((fields) => makeEndpoint(fields));
    const part = fc.oneof(
      fc.constantFrom(
        'hub.challenge',
        'hub.verify_token',
        'challenge',
        'validationToken',
        TOKEN,
        'ce-id',
        '<b>',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    const query = fc
      .array(fc.tuple(part, part), { maxLength: 5 })
      .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...endpoints),
        fc.constantFrom('GET', 'HEAD'),
        query,
        fc.dictionary(
          fc.constantFrom('x-okta-verification-challenge', 'ce-id', 'content-type', 'authorization'),
          part,
        ),
        fc.option(fc.constantFrom('{"challenge":"a"}', '{"specversion":"1.0"}', '[1]'), { nil: undefined }),
        async ({ queue, ask }, method, text, headers, body) => {
          const answer = await ask({ method, query: text, headers, ...(body !== undefined && { body }) });
          expect([200, 400, 403, 405]).toContain(answer.status);
          expect(queue.messages).toEqual([]);
          if (answer.body === undefined) return;
          expect(String(answer.headers['content-type'])).toMatch(
            /^(?:text\/plain|application\/(?:problem\+)?json)/,
          );
          if (answer.status !== 200) return;
          expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
          expect(answer.body).not.toMatch(/[<>&'`]/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('answers 405 to the methods of other handshakes, and names its own', async () => {
    expect(await makeEndpoint(META).ask({ method: 'HEAD' })).toMatchObject({
      status: 405,
      headers: { allow: 'POST, GET' },
    });
    expect(await makeEndpoint(GRAPH).ask({ method: 'GET', query: 'validationToken=a' })).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
    });
  });

  it.each([
    [
      'with a body is an event, although its URL has the parameter',
      { query: 'validationToken=a', body: '[1]' },
    ],
    ['without the parameter is no handshake', { body: '{"challenge":"a"}' }],
  ])('a POST %s', async (_what, asked) => {
    const { ask } = makeEndpoint('verify: none, handshake: { method: POST, query: validationToken }');
    expect(await ask(asked)).toMatchObject({ status: 202 });
  });

  it.each([
    '{"challenge":"a","event":{}}',
    '{"challenge":1}',
    '{"Challenge":"a"}',
    '["challenge"]',
    '"challenge"',
    `{"challenge":"${'a'.repeat(3_000)}"}`,
  ])('a POST of %s is an event, since it is more than a challenge', async (body) => {
    const { queue, ask } = makeEndpoint(
      'verify: none, handshake: { method: POST, body: challenge, answer: { json: challenge } }',
    );
    expect(await ask({ body })).toMatchObject({ status: 202 });
    expect(queue.messages).toHaveLength(1);
  });
});

describe('a sender that takes other responses for a failure', () => {
  const senders = ['meta', 'dropbox', 'xero', 'trello'] as const;

  it.each(senders)('%s is answered 200 without a body once its events are stored', async (name) => {
    const { secret, bodyOf, headersOf } = WEBHOOK_SENDERS[name];
    const body = bodyOf('1', NOW);
    const url = 'https://api.execute-api.eu-west-1.amazonaws.com/orders';
    const token = name === 'meta' ? ', verifyToken: { secret: sluice/verify }' : '';
    const { queue, ask } = makeEndpoint(`verify: { scheme: ${name}, secret: sluice/hook${token} }`, {
      'sluice/hook': secret,
    });
    const answer = await ask({ body, headers: headersOf({ body, url, nowEpochMs: NOW, id: '1' }) });
    expect(answer).toEqual({ status: 200, headers: {}, body: undefined });
    expect(queue.messages).toHaveLength(1);
  });

  it('Dropbox sends the same body for two changes, and both become events', async () => {
    const { secret, bodyOf, headersOf } = WEBHOOK_SENDERS.dropbox;
    const body = bodyOf('1', NOW);
    const headers = headersOf({ body, url: '', nowEpochMs: NOW, id: '1' });
    const { queue, ask } = makeEndpoint(DROPBOX, { 'sluice/hook': secret });
    await ask({ body, headers, requestId: 'request-1' });
    await ask({ body, headers, requestId: 'request-2' });
    expect(queue.messages.map((message): unknown => JSON.parse(message.body))).toMatchObject([
      { id: 'request-1' },
      { id: 'request-2' },
    ]);
  });
});

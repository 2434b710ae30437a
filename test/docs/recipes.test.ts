/**
 * Every recipe for a webhook provider or an AWS service, from the request or message to the parameters of the flow run:
 * the configuration of the page, the real function behind the endpoint, and the real pipeline, over fakes of AWS and
 * Prefect. `test/e2e/webhook-providers.test.ts` and `test/e2e/aws-events.test.ts` do the same on the deployed app for most.
 */
import { createHash, createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createHttpIngestHandler } from '../../functions/http-ingest/http-ingest.ts';
import type { CompiledConfig } from '../../lib/compiled-config/compiled.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { recordOfQueueMessage } from '../../lib/event/queue-message.ts';
import type { ReceivedRecord } from '../../lib/event/record.ts';
import { runPipeline } from '../../lib/pipeline.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { canonicalJson } from '../support/builders/exact-json.ts';
import { makeApiGatewayEvent } from '../support/builders/make-api-gateway-event.ts';
import {
  eventBridgeEvent,
  s3Notification,
  s3Record,
  snsEnvelope,
} from '../support/builders/make-envelope.ts';
import { makeLambdaContext } from '../support/builders/make-lambda-context.ts';
import { makeSqsRecord } from '../support/builders/make-record.ts';
import { CERTIFICATE_URL, makeSnsSender } from '../support/builders/make-sns-sender.ts';
import { PipelineParts, PLENTY_OF_TIME } from '../support/builders/pipeline-parts.ts';
import { WEBHOOK_SENDERS } from '../support/builders/sign-webhook.ts';
import { AWS_RECIPES, HTTP_RECIPES, type Recipe } from '../support/docs/recipes.ts';
import { InMemoryDocumentSource } from '../support/fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../support/fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../support/fakes/in-memory-secret-source.ts';

const NOW = 1_790_000_000_000;
const DAY_MS = 86_400_000;
const HOOK_URL = 'https://api.execute-api.eu-west-1.amazonaws.com/hook';
const ORDER = { orderId: 'A-1', total: 12.5 };
const ORDER_JSON = JSON.stringify(ORDER);

/** What a provider sends for one delivery, and what the flow has to receive. */
interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Without the question mark. */
  readonly query?: string;
  readonly subjectDn?: string;
  readonly data: readonly unknown[];
}

type Provider = () => readonly Delivery[];

const snsSender = makeSnsSender({
  commonName: 'sns.amazonaws.com',
  notBefore: new Date(NOW - DAY_MS),
  notAfter: new Date(NOW + DAY_MS),
});

function snsDelivery(message: string, data: unknown): Delivery {
  const notification = {
    Type: 'Notification',
    MessageId: createHash('sha256').update(message).digest('hex'),
    TopicArn: 'arn:aws:sns:eu-central-1:123456789012:orders',
    Message: message,
    Timestamp: new Date(NOW).toISOString(),
  };
  return {
    headers: { 'content-type': 'text/plain; charset=UTF-8' },
    body: JSON.stringify(snsSender.signMessage(notification)),
    data: [data],
  };
}

const SECRET = 'the-secret-of-the-tests';
const JWKS_URL = 'https://www.googleapis.com/oauth2/v3/certs';
let jwks = '';
let pubSubToken = '';
let mondayToken = '';

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }] });
  pubSubToken = await new SignJWT({ email: 'pubsub-push@my-project.iam.gserviceaccount.com' })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer('https://accounts.google.com')
    .setAudience('https://hooks.example.com/orders')
    .setIssuedAt(NOW / 1000)
    .setExpirationTime(NOW / 1000 + 300)
    .sign(privateKey);
  mondayToken = await new SignJWT({ accountId: 1, userId: 2 })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(HOOK_URL)
    .setExpirationTime(NOW / 1000 + 300)
    .sign(Buffer.from(SECRET));
});

/** Providers whose requests `sign-webhook.ts` does not sign, by the title of their recipe. */
const OTHERS: Readonly<Record<string, Provider>> = {
  'Amazon SNS': () => [snsDelivery(ORDER_JSON, ORDER), snsDelivery('order A-1, please', 'order A-1, please')],
  'EventBridge': () => [
    { headers: { 'x-api-key': SECRET }, body: eventBridgeEvent(ORDER_JSON), data: [ORDER] },
  ],
  'CloudEvents: Azure Event Grid, Knative and others': () => [
    {
      headers: {
        'authorization': `Bearer ${SECRET}`,
        'ce-specversion': '1.0',
        'ce-id': 'order-1',
        'ce-source': '/shop',
        'ce-type': 'order.paid',
      },
      body: ORDER_JSON,
      data: [ORDER],
    },
  ],
  "Prefect's own events": () => {
    const data = { id: '1', event: 'prefect.flow-run.Failed', resource: { 'prefect.resource.id': 'run' } };
    const attributes = { specversion: '1.0', id: '1', source: '/prefect', type: data.event };
    return [
      {
        headers: {
          'authorization': `Bearer ${SECRET}`,
          'content-type': 'application/cloudevents+json',
        },
        body: JSON.stringify({ ...attributes, data }),
        data: [data],
      },
    ];
  },
  'JWTs: Google Pub/Sub and others': () => [
    { headers: { authorization: `Bearer ${pubSubToken}` }, body: ORDER_JSON, data: [ORDER] },
  ],
  'Client certificates': () => [
    { headers: {}, body: ORDER_JSON, subjectDn: 'CN=shop,O=Example,C=DE', data: [ORDER] },
  ],
  'Any other provider that signs': () => {
    const timestamp = String(NOW / 1000);
    const signature = createHmac('sha256', SECRET).update(`${timestamp}.${ORDER_JSON}`).digest('hex');
    return [
      {
        headers: {
          'x-timestamp': timestamp,
          'x-signature': `sha256=${signature}`,
          'x-delivery-id': 'delivery-1',
        },
        body: ORDER_JSON,
        data: [ORDER],
      },
    ];
  },
  'okta': () => [
    {
      headers: { authorization: SECRET },
      body: '{"eventType":"com.okta.event_hook","eventId":"3OWo4oo-QQ-rBWfRyTmQYw","data":{"events":[]}}',
      data: [{ eventType: 'com.okta.event_hook', eventId: '3OWo4oo-QQ-rBWfRyTmQYw', data: { events: [] } }],
    },
  ],
  'microsoft-graph': () => {
    const data = { value: [{ subscriptionId: '7f105c7d', clientState: SECRET, changeType: 'updated' }] };
    return [{ headers: {}, body: JSON.stringify(data), data: [data] }];
  },
  'monday': () => [
    {
      headers: { authorization: mondayToken },
      body: '{"event":{"triggerUuid":"1","boardId":2}}',
      data: [{ event: { triggerUuid: '1', boardId: 2 } }],
    },
  ],
  'gitlab-token': () => [{ headers: { 'x-gitlab-token': SECRET }, body: ORDER_JSON, data: [ORDER] }],
};

/** Providers that give no sign of it when they send a delivery again: each request is an event. */
const UNRECOGNIZED: readonly string[] = ['dropbox', 'microsoft-graph'];

function signingProviders(kind: string): { readonly secret: string; readonly deliveries: Provider } {
  const sender = Object.entries(WEBHOOK_SENDERS).find(([name]) => name === kind)?.[1];
  if (sender === undefined) throw new Error(`No test sends requests of ${kind}: add it to OTHERS.`);
  const id = 'delivery-1';
  const body = sender.bodyOf(id, NOW);
  const query = kind === 'twilio' ? `bodySHA256=${createHash('sha256').update(body).digest('hex')}` : '';
  const url = query === '' ? HOOK_URL : `${HOOK_URL}?${query}`;
  const data: unknown = JSON.parse(body);
  const delivery: Delivery = {
    headers: sender.headersOf({ body, url, nowEpochMs: NOW, id }),
    body,
    query,
    data: Array.isArray(data) ? data : [data],
  };
  return { secret: sender.secret, deliveries: () => [delivery] };
}

function load({ title, configuration }: Recipe): CompiledConfig {
  const loaded = loadConfigText(configuration, title);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.config;
}

/** One source with its pipeline; what was read from the queue once is not read again. */
class RecipeRun {
  readonly parts: PipelineParts;
  readonly #config: CompiledConfig;
  readonly #recipe: Recipe;

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
    this.#config = load(recipe);
    this.parts = new PipelineParts(this.#config);
  }

  get source() {
    const source = this.#config.sources[this.#recipe.source];
    if (source === undefined) throw new Error(`${this.#recipe.title} has no source.`);
    return source;
  }

  get limits() {
    return this.#config.limits;
  }

  async outcomesOf(records: readonly ReceivedRecord[]): Promise<readonly string[]> {
    const { source, parts } = this;
    const routes = routesFrom(this.#config, source.name);
    const pipeline = {
      installation: parts.installation,
      config: this.#config,
      source,
      routes,
      ports: parts.ports,
    };
    const outcomes = await runPipeline(records, pipeline, PLENTY_OF_TIME);
    return outcomes.map(({ outcome }) => outcome.kind);
  }

  /** The data that flows have received, of all runs. */
  get received(): readonly unknown[] {
    return this.parts.prefect.flowRuns.flatMap(
      ({ parameters }) => (JSON.parse(canonicalJson(parameters)) as { data: readonly unknown[] }).data,
    );
  }
}

describe('the recipes for webhook providers', () => {
  const recipes = HTTP_RECIPES.map((recipe) => ({ ...recipe, name: `${recipe.title} (${recipe.kind})` }));

  it('are those of the page', () => {
    expect(recipes.length).toBeGreaterThan(20);
    expect(recipes.filter(({ kind }) => kind === '')).toEqual([]);
  });

  it.each(recipes)(
    '$name: each delivery is in one flow run, and sent twice as its page says',
    async (recipe) => {
      vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
      const other = OTHERS[recipe.title] ?? OTHERS[recipe.kind];
      const { secret, deliveries } =
        other === undefined ? signingProviders(recipe.kind) : { secret: SECRET, deliveries: other };
      const run = new RecipeRun(recipe);
      const { source } = run;
      if (source.type !== 'http') throw new Error('not an HTTP source');
      const [, secretName = 'none'] = /secret: ([\w/-]+)/.exec(recipe.configuration) ?? [];
      const queue = new InMemoryEventQueue();
      const handler = createHttpIngestHandler({
        outcomeLogs: { kind: 'all' },
        source,
        limits: run.limits,
        ports: {
          queue,
          secrets: new InMemorySecretSource({ [secretName]: secret }),
          documents: new InMemoryDocumentSource({
            [JWKS_URL]: jwks,
            [CERTIFICATE_URL]: snsSender.certificatePem,
          }),
          clock: { nowEpochMs: () => NOW },
        },
        logger: new Logger({ serviceName: 'http-ingest', logLevel: 'SILENT' }),
        metrics: new Metrics({ namespace: 'Sluice', serviceName: 'http-ingest' }),
      });
      let requests = 0;
      const post = async ({
        headers,
        body,
        query = '',
        subjectDn,
      }: Delivery): Promise<number | undefined> => {
        requests += 1;
        const lowerCase = Object.entries(headers).map(
          ([name, value]) => [name.toLowerCase(), value] as const,
        );
        const event = makeApiGatewayEvent({
          path: '/hook',
          headers: Object.fromEntries(lowerCase),
          body,
          query,
          ...(subjectDn !== undefined && { subjectDn }),
        });
        const requestContext = { ...event.requestContext, requestId: `request-${String(requests)}` };
        return (await handler({ ...event, requestContext }, makeLambdaContext())).statusCode;
      };

      const sent = deliveries();
      const accepted = source.respond.mode === 'empty' ? 200 : 202;
      for (const delivery of sent) expect(await post(delivery)).toBe(accepted);
      const first = await run.outcomesOf(queue.messages.splice(0).map(recordOfQueueMessage));
      expect(first).toEqual(sent.flatMap(({ data }) => data.map(() => 'created')));
      const expected = sent.flatMap(({ data }) => data);
      expect(run.received).toHaveLength(expected.length);
      expect(run.received).toEqual(expect.arrayContaining([...expected]));

      for (const delivery of sent) expect(await post(delivery)).toBe(accepted);
      const again = await run.outcomesOf(queue.messages.splice(0).map(recordOfQueueMessage));
      const isRecognized = !UNRECOGNIZED.includes(recipe.kind);
      expect(again).toEqual(first.map(() => (isRecognized ? 'duplicate' : 'created')));
      expect(run.received).toHaveLength(isRecognized ? expected.length : 2 * expected.length);
    },
  );
});

describe('the recipes for AWS services', () => {
  /** The messages that a service puts into the queue, with the data that the flow has to receive. */
  const messages: Readonly<Record<string, readonly (readonly [body: string, data: unknown])[]>> = {
    EventBridge: [[eventBridgeEvent(ORDER_JSON), ORDER]],
    SNS: [
      [snsEnvelope(ORDER_JSON), ORDER],
      [snsEnvelope('order A-1, please', { MessageId: 'text' }), 'order A-1, please'],
    ],
    S3: [[s3Notification({ key: 'in/a.csv' }), s3Record({ key: 'in/a.csv' })]],
  };

  it('are those of the services whose messages are known here', () => {
    expect(AWS_RECIPES.map(({ title }) => title)).toEqual(Object.keys(messages));
  });

  it.each(AWS_RECIPES)(
    '$title: each message is in one flow run, also when it is delivered twice',
    async (recipe) => {
      const run = new RecipeRun(recipe);
      const sent = messages[recipe.title] ?? [];
      const deliver = (attempt: string) =>
        run.outcomesOf(
          sent.map(([body], index) => makeSqsRecord({ recordId: `${attempt}-${String(index)}`, body })),
        );
      expect(await deliver('first')).toEqual(sent.map(() => 'created'));
      expect(run.received).toEqual(expect.arrayContaining(sent.map(([, data]) => data)));
      expect(await deliver('second')).toEqual(sent.map(() => 'duplicate'));
      expect(run.received).toHaveLength(sent.length);
    },
  );
});

/** Prefect's own events as a source: the recipe of docs/http.md, on a real server with its services. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CompiledHttpSource } from '../../lib/compiled-config/compiled.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { startPrefectServer, type PrefectServer } from '../../scripts/stack/prefect-server.ts';
import { makeIngestEndpoint } from '../support/builders/make-ingest-endpoint.ts';
import { serveEndpoints, type ServedEndpoints } from '../support/parts/served-endpoint.ts';

const LIMITS = { maxEventBytes: 262_144, maxDepth: 64, maxKeys: 10_000 };
const TYPE = 'shop.order.shipped';
/** What JSON and Jinja would each trip over. */
const PAYLOAD = { note: `"quoted" <b>&amp;</b> {{ 1 + 1 }} 'x' ä`, total: 12.5, list: [1, null] };

/** The token of the recipe is the one that the endpoint of the tests knows. */
function recipe(): { readonly source: CompiledHttpSource; readonly payload: string } {
  const page = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
  const [, section = ''] = /\n### Prefect's own events\n(.*?)\n### /s.exec(page) ?? [];
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(section) ?? [];
  const [, payload = ''] = /```json\n(.*?)```/s.exec(section) ?? [];
  const loaded = loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources:
  prefect-events:
    type: http
    path: /prefect
    ${yaml.replace('sluice/prefect-events', 'sluice/orders')}
routes: { work: { from: [prefect-events], run: { deployment: work/prod } } }
`,
    'docs/http.md',
  );
  const source = loaded.ok ? loaded.config.sources['prefect-events'] : undefined;
  if (source?.type !== 'http') throw new Error('The recipe is not a configuration.');
  return { source, payload };
}

let prefect: PrefectServer;
let served: ServedEndpoints;
const { source, payload } = recipe();
const endpoint = makeIngestEndpoint(source, LIMITS);

async function call<Result>(path: string, body?: unknown): Promise<Result> {
  const response = await fetch(`${prefect.apiUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Result;
}

interface Identified {
  readonly id: string;
}

async function createWebhookBlock(url: string): Promise<Identified> {
  const { id: typeId } = await call<Identified>('/block_types/slug/webhook');
  const [schema] = await call<readonly Identified[]>('/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [typeId] } },
  });
  return call<Identified>('/block_documents/', {
    name: 'sluice',
    block_type_id: typeId,
    block_schema_id: schema?.id,
    data: {
      method: 'POST',
      url,
      headers: { 'Authorization': 'Bearer s3cret', 'Content-Type': 'application/cloudevents+json' },
    },
  });
}

beforeAll(async () => {
  prefect = await startPrefectServer({ services: true });
  served = await serveEndpoints(new Map([[source.path, endpoint.send]]));
  const block = await createWebhookBlock(`${served.url}${source.path}`);
  await call('/automations/', {
    name: 'send to Sluice',
    trigger: { type: 'event', posture: 'Reactive', expect: [TYPE], threshold: 1, within: 0 },
    actions: [{ type: 'call-webhook', block_document_id: block.id, payload }],
  });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await served.close();
  await prefect.stop();
});

describe("an automation of Prefect with the page's payload", () => {
  it('posts an event of Prefect as a CloudEvent, by its own id and with all of its data', async () => {
    const sent: string[] = [];
    // Prefect loads new automations now and then, and events before that trigger nothing.
    for (let attempt = 0; attempt < 60 && endpoint.queue.messages.length === 0; attempt += 1) {
      const id = randomUUID();
      sent.push(id);
      await call('/events', [
        {
          id,
          occurred: new Date().toISOString(),
          event: TYPE,
          resource: { 'prefect.resource.id': 'shop.order.A-1' },
          payload: PAYLOAD,
        },
      ]);
      await delay(1_000);
    }
    const [message] = endpoint.queue.messages;
    const event = JSON.parse(message?.body ?? '{}') as Record<string, unknown>;
    expect(sent).toContain(event['id']);
    expect(event).toMatchObject({
      source: '/prefect',
      type: TYPE,
      subject: 'shop.order.A-1',
      data: { id: event['id'], event: TYPE, payload: PAYLOAD },
    });
  });
});

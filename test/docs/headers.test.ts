/** The recipes for headers and types of events in docs/http.md, from requests to the parameters of flow runs. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toRecord } from '../../functions/sqs-trigger/records.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { ingest } from '../../lib/ingest.ts';
import { runPipeline } from '../../lib/pipeline.ts';
import { routesFrom } from '../../lib/routing/route.ts';
import { canonicalJson } from '../support/builders/exact-json.ts';
import { PipelineParts, PLENTY_OF_TIME } from '../support/builders/pipeline-parts.ts';
import { InMemoryDocumentSource } from '../support/fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../support/fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../support/fakes/in-memory-secret-source.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/http.md'), 'utf8');

function recipeIn(section: string): string {
  const [, text = ''] = page.split(`\n## ${section}\n`);
  return /```yaml\n([^]*?)```/.exec(text)?.[1] ?? '';
}

function sqsMessage(body: string, attributes: Readonly<Record<string, string>>) {
  return {
    messageId: 'm1',
    receiptHandle: '',
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:queue',
    awsRegion: 'eu-west-1',
  };
}

interface Request {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Post requests to the only source of a recipe, and run what is on its queue then through the pipeline. */
async function runRecipe(section: string, requests: readonly Request[]) {
  const loaded = loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }\n${recipeIn(section)}`,
    'sluice.yaml',
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const { config } = loaded;
  const [source] = Object.values(config.sources);
  if (source?.type !== 'http' || !('secret' in source.verify)) throw new Error('not a signed HTTP source');
  const queue = new InMemoryEventQueue();
  const clock = { nowEpochMs: () => 1_790_000_000_000 };
  const ports = {
    queue,
    clock,
    secrets: new InMemorySecretSource({ [source.verify.secret]: 'secret' }),
    documents: new InMemoryDocumentSource({}),
  };
  for (const [index, { body, headers }] of requests.entries()) {
    const signature = createHmac('sha256', 'secret').update(body).digest('hex');
    const signed = { 'x-signature': signature, 'x-hub-signature-256': `sha256=${signature}` };
    const request = {
      requestId: `r${index}`,
      receivedAtEpochMs: clock.nowEpochMs(),
      headers: new Map(Object.entries({ 'content-type': 'application/json', ...signed, ...headers })),
      unverifiedBody: Buffer.from(body),
      url: 'https://api.example/hook',
      iamCallerArn: null,
      clientCertificate: null,
    };
    expect(await ingest(request, source, config.limits, ports)).toMatchObject({ kind: 'accepted' });
  }
  const queued = JSON.stringify(queue.messages);

  const parts = new PipelineParts(config);
  const outcomes = await runPipeline(
    queue.messages.map(({ body, attributes }) => toRecord(sqsMessage(body, attributes), source)),
    { installation: 'table', config, source, routes: routesFrom(config, source.name), ports: parts.ports },
    PLENTY_OF_TIME,
  );
  return {
    queued,
    outcomes: outcomes.map(({ outcome }) => outcome.kind).toSorted(),
    parameters: parts.prefect.flowRuns.map((run) => canonicalJson(run.parameters)).toSorted(),
  };
}

describe('the recipe for headers', () => {
  it('starts a run for the builds that failed, with their tenant, and passes on no other header', async () => {
    const { queued, outcomes, parameters } = await runRecipe('Headers', [
      { body: '{"n":1}', headers: { 'x-build-status': 'failed', 'x-tenant': 'blue', 'x-private': 'p' } },
      { body: '{"n":2}', headers: { 'x-build-status': 'passed' } },
      { body: '{"n":3}', headers: { 'x-build-status': 'failed' } },
    ]);
    expect(queued).not.toMatch(/x-private|x-signature/);
    expect(outcomes).toEqual(['created', 'created', 'filtered']);
    expect(parameters).toEqual([
      '{"builds":[{"build":{"n":1e0},"tenant":"blue"}]}',
      '{"builds":[{"build":{"n":3e0},"tenant":"none"}]}',
    ]);
  });
});

describe('the recipe for types of webhook events', () => {
  it('starts a run for the pushes of GitHub, in both of its content types, and for nothing else', async () => {
    const push = (ref: string) =>
      JSON.stringify({ ref, repository: { html_url: 'https://github.com/example/shop' } });
    const { outcomes, parameters } = await runRecipe('Types of webhook events', [
      { body: push('refs/heads/a'), headers: { 'x-github-event': 'push', 'x-github-delivery': '1' } },
      {
        body: `payload=${encodeURIComponent(push('refs/heads/b'))}`,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-github-event': 'push',
          'x-github-delivery': '2',
        },
      },
      { body: '{"action":"opened"}', headers: { 'x-github-event': 'issues', 'x-github-delivery': '3' } },
    ]);
    expect(outcomes).toEqual(['created', 'created', 'filtered']);
    expect(parameters).toEqual(
      ['a', 'b'].map(
        (branch) =>
          `{"pushes":[{"ref":"refs/heads/${branch}","repository":"https://github.com/example/shop"}]}`,
      ),
    );
  });
});

/** The recipe for headers in docs/http.md, from the request to the parameters of the flow run. */
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
const recipe = /## Headers\n[^]*?```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';

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

describe('the recipe for headers', () => {
  it('starts a run for the builds that failed, with their tenant, and passes on no other header', async () => {
    const loaded = loadConfigText(
      `prefect: { apiUrl: https://prefect.internal/api, auth: none }\n${recipe}`,
      'sluice.yaml',
    );
    const source = loaded.ok ? loaded.config.sources['builds'] : undefined;
    if (!loaded.ok || source?.type !== 'http') throw new Error(JSON.stringify(loaded));
    const queue = new InMemoryEventQueue();
    const clock = { nowEpochMs: () => 1_790_000_000_000 };
    const post = (number: number, headers: Readonly<Record<string, string>>) => {
      const body = JSON.stringify({ number });
      const signature = createHmac('sha256', 'secret').update(body).digest('hex');
      return ingest(
        {
          requestId: `r${number}`,
          receivedAtEpochMs: clock.nowEpochMs(),
          headers: new Map(
            Object.entries({ 'content-type': 'application/json', 'x-signature': signature, ...headers }),
          ),
          unverifiedBody: Buffer.from(body),
          url: 'https://api.example/builds',
          iamCallerArn: null,
          clientCertificate: null,
        },
        source,
        loaded.config.limits,
        {
          queue,
          clock,
          secrets: new InMemorySecretSource({ 'sluice/builds': 'secret' }),
          documents: new InMemoryDocumentSource({}),
        },
      );
    };
    await post(1, { 'x-build-status': 'failed', 'x-tenant': 'blue', 'x-private': 'p' });
    await post(2, { 'x-build-status': 'passed' });
    await post(3, { 'x-build-status': 'failed' });
    expect(JSON.stringify(queue.messages)).not.toMatch(/x-private|x-signature/);

    const parts = new PipelineParts(loaded.config);
    const outcomes = await runPipeline(
      queue.messages.map(({ body, attributes }) => toRecord(sqsMessage(body, attributes), source)),
      {
        installation: 'table',
        config: loaded.config,
        source,
        routes: routesFrom(loaded.config, 'builds'),
        ports: parts.ports,
      },
      PLENTY_OF_TIME,
    );
    expect(outcomes.map(({ outcome }) => outcome.kind).toSorted()).toEqual([
      'created',
      'created',
      'filtered',
    ]);
    const parameters = parts.prefect.flowRuns.map((run) => canonicalJson(run.parameters)).toSorted();
    expect(parameters).toEqual([
      '{"builds":[{"build":{"number":1e0},"tenant":"blue"}]}',
      '{"builds":[{"build":{"number":3e0},"tenant":"none"}]}',
    ]);
  });
});

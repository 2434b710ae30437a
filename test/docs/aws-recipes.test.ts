/**
 * The recipes of docs/http.md and docs/aws-events.md for AWS services, run: from what the service sends to what a flow
 * gets.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CompiledConfig, CompiledSource } from '../../lib/compiled-config/compiled.ts';
import { loadConfigText } from '../../lib/config/load-config.ts';
import { ingest } from '../../lib/ingest.ts';
import type { QueueMessage } from '../../lib/ports.ts';
import {
  eventBridgeEvent,
  s3Notification,
  s3Record,
  snsEnvelope,
} from '../support/builders/make-envelope.ts';
import { CERTIFICATE_URL, makeSnsSender } from '../support/builders/make-sns-sender.ts';
import { PipelineParts } from '../support/builders/pipeline-parts.ts';
import { InMemoryDocumentSource } from '../support/fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../support/fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../support/fakes/in-memory-secret-source.ts';
import { deliverQueueMessage } from '../support/parts/deliver-queue-message.ts';

const NOW = 1_790_000_000_000;
const ORDER = '{"orderId":"A-1","total":5}';

function section(page: string, title: string): string {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const found = text.split(/\n##+ /).find((each) => each.startsWith(`${title}\n`));
  return /```yaml\n(.*?)```/s.exec(found ?? '')?.[1] ?? '';
}

function load(sources: string): CompiledConfig {
  const loaded = loadConfigText(
    `prefect: { apiUrl: https://prefect.internal/api, auth: none }
sources:
${sources}
routes:
  process-orders:
    from: [jobs]
    run: { deployment: process-orders/prod, parameters: { orders: "events.map(e, e.data)" } }
`,
    'docs',
  );
  if (!loaded.ok) throw new Error(loaded.errors.map(({ code, found }) => `${code} ${found}`).join('; '));
  return loaded.config;
}

/** A source of docs/aws-events.md, whatever it is called there. */
function queueConfig(title: string): CompiledConfig {
  const yaml = section('aws-events.md', title);
  return load(yaml.replace(/^sources:\n {2}[a-z-]+:/, '  jobs:').replace(/^(?! )/gm, ''));
}

/** The fields of an HTTP source of docs/http.md. */
function endpointConfig(title: string): CompiledConfig {
  const fields = section('http.md', title).replace(/^/gm, '    ');
  return load(`  jobs:\n    type: http\n    path: /hook\n${fields}`);
}

function sourceOf({ sources }: CompiledConfig): CompiledSource {
  const { jobs } = sources;
  if (jobs === undefined) throw new Error('the configuration has no source');
  return jobs;
}

/** What the flow gets of messages on the queue of the source. */
async function runMessages(config: CompiledConfig, messages: readonly QueueMessage[]) {
  const parts = new PipelineParts(config);
  const source = sourceOf(config);
  const records = messages.map((message, index) => deliverQueueMessage(message, `m${index}`, source));
  const outcomes = await parts.run(records);
  return { orders: parts.orders, outcomes: outcomes.map(({ outcome }) => outcome.kind) };
}

const inQueue = (body: string): QueueMessage => ({ body, attributes: {} });

const sns = makeSnsSender({
  commonName: 'sns.amazonaws.com',
  notBefore: new Date(NOW - 1000),
  notAfter: new Date(NOW + 1000),
});

async function post(config: CompiledConfig, body: string, headers: Readonly<Record<string, string>>) {
  const source = sourceOf(config);
  if (source.type !== 'http') throw new Error('not an HTTP source');
  const queue = new InMemoryEventQueue();
  const result = await ingest(
    {
      requestId: 'request-1',
      receivedAtEpochMs: NOW,
      headers: new Map(Object.entries(headers)),
      unverifiedBody: Buffer.from(body),
      url: 'https://api.example/hook',
      iamCallerArn: null,
      clientCertificate: null,
    },
    source,
    config.limits,
    {
      queue,
      secrets: new InMemorySecretSource({ 'sluice/eventbridge': 'the-key' }),
      documents: new InMemoryDocumentSource({ [CERTIFICATE_URL]: sns.certificatePem }),
      clock: { nowEpochMs: () => NOW },
    },
  );
  expect(result).toMatchObject({ kind: 'accepted' });
  return runMessages(config, queue.messages);
}

describe('the recipe of docs/http.md', () => {
  const signed = (Message: string): string =>
    JSON.stringify(
      sns.signMessage({
        Type: 'Notification',
        MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
        TopicArn: 'arn:aws:sns:eu-central-1:123456789012:orders',
        Message,
        Timestamp: '2026-01-31T12:00:00.000Z',
      }),
    );

  it.each([
    ['JSON', ORDER, JSON.parse(ORDER) as unknown],
    ['plain text', 'hello, not JSON', 'hello, not JSON'],
    [
      'a CloudEvent',
      `{"specversion":"1.0","id":"1","source":"/s","type":"paid","data":${ORDER}}`,
      JSON.parse(ORDER),
    ],
  ])('for Amazon SNS hands the message of a notification to the flow: %s', async (_what, message, data) => {
    // SNS says text/plain, whatever it sends.
    const headers = { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': 'Notification' };
    expect(await post(endpointConfig('Amazon SNS'), signed(message), headers)).toEqual({
      orders: [[data]],
      outcomes: ['created'],
    });
  });

  it('for EventBridge hands the detail to the flow', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8', 'x-api-key': 'the-key' };
    expect(await post(endpointConfig('EventBridge'), eventBridgeEvent(ORDER), headers)).toEqual({
      orders: [[JSON.parse(ORDER)]],
      outcomes: ['created'],
    });
  });
});

describe('the recipe of docs/aws-events.md', () => {
  it('for EventBridge hands the detail to the flow', async () => {
    expect(await runMessages(queueConfig('EventBridge'), [inQueue(eventBridgeEvent(ORDER))])).toEqual({
      orders: [[JSON.parse(ORDER)]],
      outcomes: ['created'],
    });
  });

  it.each([
    ['JSON', ORDER, JSON.parse(ORDER) as unknown],
    ['plain text', 'hello, not JSON', 'hello, not JSON'],
  ])('for SNS hands the message to the flow: %s', async (_what, message, data) => {
    expect(await runMessages(queueConfig('SNS'), [inQueue(snsEnvelope(message))])).toEqual({
      orders: [[data]],
      outcomes: ['created'],
    });
  });

  it('for S3 hands each record of a notification to the flow', async () => {
    const { orders } = await runMessages(queueConfig('S3'), [inQueue(s3Notification({}, { key: 'b' }))]);
    expect(orders.flat()).toEqual([s3Record(), s3Record({ key: 'b' })]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledHttpSource } from '../../lib/compiled-config/compiled.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../lib/event/queue-message.ts';
import { ingest, type IngestResult } from '../../lib/ingest.ts';
import { SecretUnavailableError } from '../../lib/unavailable-error.ts';
import { makeHttpSource } from '../support/builders/compiled-config.ts';
import { InMemoryDocumentSource } from '../support/fakes/in-memory-document-source.ts';
import { InMemoryEventQueue } from '../support/fakes/in-memory-event-queue.ts';
import { InMemorySecretSource } from '../support/fakes/in-memory-secret-source.ts';
import { jsonText } from '../support/builders/json-text.ts';
import { CERTIFICATE_URL, makeSnsSender } from '../support/builders/make-sns-sender.ts';

const limits = { maxEventBytes: 2_000_000, maxDepth: 64, maxKeys: 10_000 };
const json = { 'content-type': 'application/json' };
const token = { authorization: 'Bearer s3cret' };

function makeEndpoint(overrides: Partial<CompiledHttpSource> = {}, documents = new InMemoryDocumentSource()) {
  const queue = new InMemoryEventQueue();
  const secrets = new InMemorySecretSource({ 'sluice/orders': 's3cret' });
  const source = makeHttpSource(overrides);
  const post = (
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<IngestResult> =>
    ingest(
      {
        requestId: 'request-1',
        receivedAtEpochMs: 1_790_000_000_000,
        headers: new Map(Object.entries(headers)),
        unverifiedBody: Buffer.from(body),
        url: 'https://api.example/orders',
        iamCallerArn: null,
        clientCertificate: null,
      },
      source,
      limits,
      { queue, secrets, documents, clock: { nowEpochMs: () => 1_790_000_000_000 } },
    );
  return { queue, secrets, post };
}

const NOW = 1_790_000_000_000;
const topic = 'arn:aws:sns:eu-west-1:123456789012:orders';
const sns = makeSnsSender({
  commonName: 'sns.amazonaws.com',
  notBefore: new Date(NOW - 1000),
  notAfter: new Date(NOW + 1000),
});

function makeSnsEndpoint(overrides: Partial<CompiledHttpSource> = {}) {
  return makeEndpoint(
    { verify: { scheme: 'sns', topics: [topic] }, ...overrides },
    new InMemoryDocumentSource({ [CERTIFICATE_URL]: sns.certificatePem }),
  );
}

describe('what a signature does not cover', () => {
  const signed = sns.signMessage({
    Type: 'Notification',
    MessageId: 'm-1',
    TopicArn: topic,
    Message: '{"specversion":"1.0","id":"1","source":"/shop","type":"paid"}',
    Timestamp: '2026-01-31T12:00:00Z',
  });
  const attribute = (value: string) => ({ 'content-type': { Type: 'String', Value: value } });
  const replays: readonly (readonly [string, object, Readonly<Record<string, string>>])[] = [
    ['a message attribute', { MessageAttributes: attribute('text/plain') }, {}],
    ['another message attribute', { MessageAttributes: attribute('application/octet-stream') }, {}],
    ['a Subject that is null', { Subject: null }, {}],
    ['another content type', {}, { 'content-type': 'application/octet-stream' }],
    [
      'CloudEvents attributes in headers',
      {},
      { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/forged', 'ce-type': 'forged' },
    ],
  ];

  it.each(replays)(
    'decides nothing about an SNS message that is sent again: %s',
    async (_what, fields, headers) => {
      const { queue, post } = makeSnsEndpoint({ unwrap: ['sns'] });
      await post(JSON.stringify(signed), { 'content-type': 'text/plain; charset=UTF-8' });
      await post(JSON.stringify({ ...signed, ...fields }), headers);
      expect(queue.messages).toHaveLength(2);
      expect(queue.messages[1]).toEqual(queue.messages[0]);
    },
  );

  it.each([7, true, {}, ['a']])(
    'is refused where SNS would sign it: a Subject that is %j',
    async (Subject) => {
      const { post } = makeSnsEndpoint({ unwrap: ['sns'] });
      expect(await post(JSON.stringify({ ...signed, Subject }), {})).toMatchObject({
        kind: 'unverified',
        rejection: { code: 'signature-missing' },
      });
    },
  );
});

describe('ingest', () => {
  it('accepts exactly the events that are on the queue then, for any batch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(jsonText, { maxLength: 5 }), async (texts) => {
        const { queue, post } = makeEndpoint({ verify: { scheme: 'none' } });
        const answer = await post(`[${texts.join(',')}]`, json);
        const bodies = queue.messages.map(({ body }): unknown => JSON.parse(body));
        expect(answer.kind === 'accepted' && answer.events).toMatchObject(
          bodies.map(() => ({ source: 'sluice:orders-hook' })),
        );
        expect(bodies).toMatchObject(
          answer.kind === 'accepted' ? answer.events : [{ id: 'none was accepted' }],
        );
        expect(bodies).toHaveLength(texts.length);
      }),
    );
  });

  it('names the caller whose token let the request in', async () => {
    const { post } = makeEndpoint();
    expect(await post('{}', { ...json, ...token })).toMatchObject({ kind: 'accepted', caller: 'token' });
  });

  it('takes the message of SNS for JSON, whatever its header says, and its id for that of the event', async () => {
    const { queue, post } = makeSnsEndpoint();
    const message = { Type: 'Notification', MessageId: 'm-1', TopicArn: topic, Message: 'a', Timestamp: 't' };
    const body = JSON.stringify(sns.signMessage(message));
    expect(await post(body, { 'content-type': 'text/plain; charset=UTF-8' })).toEqual({
      kind: 'accepted',
      events: [{ id: 'm-1', source: 'sluice:orders-hook' }],
      caller: topic,
      progress: null,
    });
    expect(queue.messages.map((queued): unknown => JSON.parse(queued.body))).toMatchObject([
      { id: 'm-1', datacontenttype: 'application/json', data: { Message: 'a' } },
    ]);
  });

  it('does not look at the body of a request that is not verified', async () => {
    const { queue, post } = makeEndpoint();
    expect(await post('no JSON', json)).toMatchObject({ kind: 'unverified' });
    expect(await post('{}', { ...json, authorization: 'Bearer wrong' })).toMatchObject({
      kind: 'unverified',
    });
    expect(queue.messages).toEqual([]);
  });

  it('stores nothing of a batch with a bad event', async () => {
    const { queue, post } = makeEndpoint();
    const answer = await post(String.raw`[1,"\u0000",2,1e999]`, { ...json, ...token });
    expect(answer).toMatchObject({ kind: 'rejected', badEvents: [{ index: 1 }, { index: 3 }] });
    expect(queue.messages).toEqual([]);
  });

  it('accepts an empty batch without a message', async () => {
    const { queue, post } = makeEndpoint();
    expect(await post('[]', { ...json, ...token })).toMatchObject({ kind: 'accepted', events: [] });
    expect(queue.messages).toEqual([]);
  });

  it('takes as many events in a request as the source allows, and no more', async () => {
    const { queue, post } = makeEndpoint({ maxEventsPerRequest: 2 });
    expect(await post('[1,2,3]', { ...json, ...token })).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'too-many-events' },
    });
    expect(queue.messages).toEqual([]);
    expect(await post('[1,2]', { ...json, ...token })).toMatchObject({ kind: 'accepted' });
  });

  it('refuses an event that no message can hold, and says which', async () => {
    const { queue, post } = makeEndpoint();
    const large = JSON.stringify('x'.repeat(MAX_QUEUE_MESSAGE_BYTES - 600));
    expect(await post(`[${large}]`, { ...json, ...token })).toMatchObject({ kind: 'accepted' });
    const larger = JSON.stringify('x'.repeat(MAX_QUEUE_MESSAGE_BYTES - 100));
    expect(await post(`[1,${larger}]`, { ...json, ...token })).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'too-large' },
      badEvents: [{ index: 1 }],
    });
    expect(queue.messages).toHaveLength(1);
  });

  it('does not blame the request when the queue is unavailable', async () => {
    const { queue, post } = makeEndpoint();
    queue.isAvailable = false;
    expect(await post('{}', { ...json, ...token })).toMatchObject({ kind: 'unavailable', part: 'queue' });
  });

  it('throws for a secret that does not exist: only a deployment can fix it', async () => {
    const { post } = makeEndpoint({ verify: { scheme: 'bearer', secret: 'absent' } });
    await expect(post('{}', { ...json, ...token })).rejects.toThrow(SecretUnavailableError);
  });
});

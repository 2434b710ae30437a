import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WebhookProvider } from '../../../lib/compiled-config/compiled-verification.ts';
import type { Verification } from '../../../lib/verification/verification.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';
import { WEBHOOK_SENDERS } from '../../support/builders/sign-webhook.ts';

const NOW = 1_790_000_000_000;
const url = 'https://hooks.example/orders';

/** A body that the sender signed, or that somebody signed with another secret. */
function send(sender: WebhookProvider, body: string, isForged = false): Promise<Verification> {
  const { secret, otherSecret, headersOf } = WEBHOOK_SENDERS[sender];
  const headers = headersOf({ body, url, nowEpochMs: NOW, id: 'id' }, isForged ? otherSecret : secret);
  return verifyRequest(
    makeUnverifiedRequest({ url, body, headers }),
    { scheme: 'webhook', provider: sender, secret: 'hook', toleranceSeconds: 300, publicUrl: null },
    {
      secrets: new InMemorySecretSource({ hook: secret }),
      documents: new InMemoryDocumentSource(),
      clock: { nowEpochMs: () => NOW },
    },
  );
}

const slackChallenge =
  '{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}';
const zoomChallenge =
  '{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}';

/** https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/#intent-to-receive */
const xeroIntent = '{"events":[],"lastEventSequence":0,"firstEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}';

describe('a handshake', () => {
  it('of Slack is answered with its challenge', async () => {
    expect(await send('slack', slackChallenge)).toEqual({
      kind: 'handshake',
      name: 'slack-url-verification',
      answer: {
        status: 200,
        body: { challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P' },
      },
    });
  });

  it('of Zoom is answered with its token and the digest of it', async () => {
    const { secret } = WEBHOOK_SENDERS.zoom;
    expect(await send('zoom', zoomChallenge)).toEqual({
      kind: 'handshake',
      name: 'zoom-url-validation',
      answer: {
        status: 200,
        body: {
          plainToken: 'qgg8vlvZRS6UYooatFL8Aw',
          encryptedToken: createHmac('sha256', secret).update('qgg8vlvZRS6UYooatFL8Aw').digest('hex'),
        },
      },
    });
  });

  it('of Discord is answered with a ping, or with nothing', async () => {
    expect(await send('discord', '{"id":"1","type":1,"token":"t","version":1}')).toMatchObject({
      name: 'discord-ping',
      answer: { status: 200, body: { type: 1 } },
    });
    expect(await send('discord', '{"version":1,"application_id":"1","type":0}')).toMatchObject({
      name: 'discord-ping',
      answer: { status: 204, body: null },
    });
  });

  it('of Xero is answered with 200 and without a body', async () => {
    expect(await send('xero', xeroIntent)).toEqual({
      kind: 'handshake',
      name: 'xero-intent-to-receive',
      answer: { status: 200, body: null },
    });
  });

  it.each<[WebhookProvider, string]>([
    ['slack', slackChallenge],
    ['zoom', zoomChallenge],
    ['discord', '{"type":1}'],
    ['xero', xeroIntent],
  ])('of %s is not answered unless the signature holds', async (sender, body) => {
    const verification = await send(sender, body, true);
    expect(verification).toMatchObject({ kind: 'rejected', code: 'invalid-signature' });
    expect(JSON.stringify(verification)).not.toMatch(/3eZbrw|qgg8vl/);
  });

  it.each<[WebhookProvider, string]>([
    ['slack', '{"type":"event_callback","event_id":"Ev1"}'],
    ['slack', '{"type":"url_verification","challenge":5}'],
    ['slack', '{"type":"url_verification"}'],
    ['slack', 'payload=%7B%7D'],
    ['zoom', '{"event":"meeting.started","payload":{"plainToken":"a"}}'],
    ['zoom', '{"event":"endpoint.url_validation","payload":[]}'],
    ['discord', '{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE"}}'],
    ['discord', '{"id":"1","type":2}'],
    ['discord', '[]'],
    ['xero', '{"events":[{"resourceId":"1"}],"firstEventSequence":1,"entropy":"a"}'],
    ['xero', '{"events":{}}'],
    ['xero', '[]'],
    ['github', slackChallenge],
  ])('is none of %s: %s', async (sender, body) => {
    expect(await send(sender, body)).toMatchObject({ kind: 'verified' });
  });

  it('does not find members in prototypes', async () => {
    expect(await send('slack', '{"__proto__":{"type":"url_verification","challenge":"a"}}')).toMatchObject({
      kind: 'verified',
    });
  });
});

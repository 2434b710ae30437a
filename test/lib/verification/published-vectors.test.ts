/** Requests that the senders themselves published with their signatures. */
import { describe, expect, it } from 'vitest';
import type {
  CompiledVerification,
  WebhookProvider,
} from '../../../lib/compiled-config/compiled-verification.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';

interface Vector {
  readonly source: string;
  readonly verify: WebhookProvider | CompiledVerification;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly url?: string;
  readonly signedAtEpochSeconds?: number;
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const TWILIO_URL = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const hmac = {
  scheme: 'hmac',
  secret: 'hook',
  header: 'x-signature',
  prefix: '',
  algorithm: 'sha256',
  encoding: 'hex',
  keyText: 'hex',
  signed: '{body}',
  timestamp: null,
  idHeader: null,
  publicUrl: null,
} as const;

const VECTORS: Readonly<Record<string, Vector>> = {
  'GitHub': {
    source: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
    verify: 'github',
    secret: "It's a Secret to Everybody",
    headers: {
      'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: 'Hello, World!',
  },
  'Slack': {
    source: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
    verify: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: {
      'X-Slack-Request-Timestamp': '1531420618',
      'X-Slack-Signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    signedAtEpochSeconds: 1531420618,
  },
  'Standard Webhooks': {
    source: 'https://github.com/standard-webhooks/standard-webhooks (spec, libraries)',
    verify: 'standard-webhooks',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
    signedAtEpochSeconds: 1614265330,
  },
  'Svix with Ed25519': {
    source: 'https://github.com/svix/svix-webhooks (server/svix-server/src/worker.rs)',
    verify: 'standard-webhooks-ed25519',
    secret: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
    headers: {
      'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'svix-timestamp': '1614265330',
      'svix-signature':
        'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    },
    body: '{"test": 2432232314}',
    signedAtEpochSeconds: 1614265330,
  },
  'Bitbucket': {
    source: 'https://bitbucket.org/blog/enhanced-webhook-security',
    verify: 'atlassian',
    secret: "It's a Secret to Everybody",
    headers: {
      'X-Hub-Signature': 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9',
    },
    body: 'Hello World!',
  },
  'Twilio, a form': {
    source: 'https://github.com/twilio/twilio-php (RequestValidatorTest)',
    verify: 'twilio',
    secret: '12345',
    headers: { ...form, 'X-Twilio-Signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=' },
    url: TWILIO_URL,
    body: 'Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE',
  },
  'Twilio, a form with repeated names': {
    source: 'https://github.com/twilio/twilio-php (RequestValidatorTest)',
    verify: 'twilio',
    secret: '12345',
    headers: { ...form, 'X-Twilio-Signature': 'IK+Dwps556ElfBT0I3Rgjkr1wJU=' },
    url: TWILIO_URL,
    body: 'Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234',
  },
  'Twilio, JSON': {
    source: 'https://github.com/twilio/twilio-php (RequestValidatorTest)',
    verify: 'twilio',
    secret: '12345',
    headers: { 'Content-Type': 'application/json', 'X-Twilio-Signature': 'a9nBmqA0ju/hNViExpshrM61xv4=' },
    url: `${TWILIO_URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`,
    body: '{"property": "value", "boolean": true}',
  },
  'Square': {
    source: 'https://github.com/square/square-nodejs-sdk (tests/integration/webhooks.test.ts)',
    verify: 'square',
    secret: 'Ibxx_5AKakO-3qeNVR61Dw',
    headers: { 'x-square-hmacsha256-signature': 'GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=' },
    url: 'https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9',
    body: '{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}',
  },
  'SendGrid': {
    source: 'https://github.com/sendgrid/sendgrid-nodejs (packages/eventwebhook)',
    verify: 'sendgrid',
    secret:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
    headers: {
      'X-Twilio-Email-Event-Webhook-Signature':
        'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
      'X-Twilio-Email-Event-Webhook-Timestamp': '1600112502',
    },
    body: '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n',
    signedAtEpochSeconds: 1600112502,
  },
  'HMAC-SHA-256': {
    source: 'RFC 4231, test case 1',
    verify: hmac,
    secret: '0b'.repeat(20),
    headers: { 'X-Signature': 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7' },
    body: 'Hi There',
  },
  'HMAC-SHA-512': {
    source: 'RFC 4231, test case 2',
    verify: { ...hmac, algorithm: 'sha512', keyText: 'utf8', prefix: 'sha512=' },
    secret: 'Jefe',
    headers: {
      'X-Signature':
        'sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    },
    body: 'what do ya want for nothing?',
  },
};

const verify = (vector: Vector) =>
  verifyRequest(
    makeUnverifiedRequest(vector),
    typeof vector.verify === 'string'
      ? { scheme: 'webhook', provider: vector.verify, secret: 'hook', toleranceSeconds: 300, publicUrl: null }
      : vector.verify,
    {
      secrets: new InMemorySecretSource({ hook: vector.secret }),
      documents: new InMemoryDocumentSource(),
      clock: { nowEpochMs: () => (vector.signedAtEpochSeconds ?? 0) * 1000 },
    },
  );

describe('a published request', () => {
  it.each(Object.entries(VECTORS))('of %s is let in', async (_name, vector) => {
    expect(await verify(vector)).toMatchObject({ kind: 'verified' });
  });

  it.each(Object.entries(VECTORS))(
    'of %s is refused under another secret or with another body',
    async (_, vector) => {
      // Neither the first digit of a public key nor the last one of a padded secret may be what is changed.
      const other = vector.verify === 'sendgrid' || vector.verify === 'standard-webhooks-ed25519';
      if (!other) {
        const refused = await verify({
          ...vector,
          secret: `00${vector.secret}00`.replace('00whsec_', 'whsec_00'),
        });
        expect(refused).toMatchObject({ kind: 'rejected', code: 'invalid-signature' });
      }
      expect(await verify({ ...vector, body: `${vector.body}x` })).toMatchObject({
        code: 'invalid-signature',
      });
    },
  );

  it('of Twilio is refused when its URL is another one', async () => {
    const twilio = Object.values(VECTORS).filter((vector) => vector.verify === 'twilio');
    for (const vector of twilio) {
      expect(await verify({ ...vector, url: `${vector.url ?? ''}&baz=3` })).toMatchObject({
        code: 'invalid-signature',
      });
    }
    expect(twilio).toHaveLength(3);
  });
});

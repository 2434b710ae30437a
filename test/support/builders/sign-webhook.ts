/**
 * Requests as senders sign them, each written out from the sender's own description and without anything of
 * `lib/verification`, so that a mistake there is not repeated here.
 */
import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { WebhookProvider } from '../../../lib/compiled-config/compiled-verification.ts';

export interface WebhookFacts {
  readonly body: string;
  /** Where the sender posts to, with a query where it has one. */
  readonly url: string;
  readonly nowEpochMs: number;
  /** What the sender calls the delivery, where it does so in a header. */
  readonly id: string;
}

export interface WebhookSender {
  /** The text to store as the secret: what the sender's page shows. */
  readonly secret: string;
  /** Another one of the same kind. */
  readonly otherSecret: string;
  /** All headers of the request, in the case in which the sender writes them. */
  readonly headersOf: (facts: WebhookFacts, secret?: string) => Readonly<Record<string, string>>;
  /** Names of the headers that hold the signature and the signed timestamp. */
  readonly signatureHeader: string;
  readonly timestampHeader: string | null;
  /** The body of an event, as far as verification looks into it; its id is `id`. */
  readonly bodyOf: (id: string, nowEpochMs: number) => string;
}

type Digest = 'sha1' | 'sha256';
type Encoding = 'hex' | 'base64';

const seconds = ({ nowEpochMs }: WebhookFacts): string => String(Math.floor(nowEpochMs / 1000));
const plainBody = (): string => '{"amount":12,"text":"Grüße, ✓"}';

function hmac(key: string | Buffer, content: string, encoding: Encoding, digest: Digest = 'sha256'): string {
  return createHmac(digest, key).update(content).digest(encoding);
}

/** Public keys of pairs made for this run, and their private halves. */
const privateKeys = new Map<string, KeyObject>();

function makeEd25519(write: (raw: Buffer) => string): string {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const text = write(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  privateKeys.set(text, privateKey);
  return text;
}

function makeP256(): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const text = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  privateKeys.set(text, privateKey);
  return text;
}

function privateKeyOf(publicKeyText: string): KeyObject {
  const key = privateKeys.get(publicKeyText);
  if (key === undefined) throw new Error('the key pair was not made here');
  return key;
}

/** Senders with one HMAC secret that is a text. */
function textSender(
  sender: Omit<WebhookSender, 'secret' | 'otherSecret' | 'headersOf' | 'bodyOf'> & {
    readonly headersOf: (facts: WebhookFacts, secret: string) => Readonly<Record<string, string>>;
    readonly bodyOf?: WebhookSender['bodyOf'];
  },
): WebhookSender {
  const secret = 'It is a secret to everybody';
  return {
    bodyOf: plainBody,
    ...sender,
    secret,
    otherSecret: 'whsec_another one',
    headersOf: (facts, key = secret) => sender.headersOf(facts, key),
  };
}

const standardWebhooks = (names: 'webhook' | 'svix'): WebhookSender => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  return {
    secret,
    otherSecret: Buffer.alloc(24, 8).toString('base64'),
    signatureHeader: `${names}-signature`,
    timestampHeader: `${names}-timestamp`,
    bodyOf: plainBody,
    headersOf(facts, key = secret) {
      const bytes = Buffer.from(key.replace('whsec_', ''), 'base64');
      const signature = hmac(bytes, `${facts.id}.${seconds(facts)}.${facts.body}`, 'base64');
      return {
        [`${names}-id`]: facts.id,
        [`${names}-timestamp`]: seconds(facts),
        [`${names}-signature`]: `v1,${signature}`,
      };
    },
  };
};

const standardWebhooksEd25519 = ((): WebhookSender => {
  const write = (raw: Buffer): string => `whpk_${raw.toString('base64')}`;
  const secret = makeEd25519(write);
  return {
    secret,
    otherSecret: makeEd25519(write),
    signatureHeader: 'Webhook-Signature',
    timestampHeader: 'Webhook-Timestamp',
    bodyOf: plainBody,
    headersOf(facts, key = secret) {
      const content = Buffer.from(`${facts.id}.${seconds(facts)}.${facts.body}`);
      return {
        'Webhook-Id': facts.id,
        'Webhook-Timestamp': seconds(facts),
        'Webhook-Signature': `v1a,${sign(null, content, privateKeyOf(key)).toString('base64')}`,
      };
    },
  };
})();

export const WEBHOOK_SENDERS: Readonly<Record<WebhookProvider, WebhookSender>> = {
  'github': textSender({
    signatureHeader: 'X-Hub-Signature-256',
    timestampHeader: null,
    headersOf: ({ body, id }, secret) => ({
      'X-GitHub-Delivery': id,
      'X-Hub-Signature': `sha1=${hmac(secret, body, 'hex', 'sha1')}`,
      'X-Hub-Signature-256': `sha256=${hmac(secret, body, 'hex')}`,
    }),
  }),
  'gitlab-signature': standardWebhooks('webhook'),
  'stripe': textSender({
    signatureHeader: 'Stripe-Signature',
    timestampHeader: 'Stripe-Signature',
    bodyOf: (id) => JSON.stringify({ id, object: 'event' }),
    headersOf: (facts, secret) => ({
      'Stripe-Signature': `t=${seconds(facts)},v1=${hmac(secret, `${seconds(facts)}.${facts.body}`, 'hex')},v0=${'0'.repeat(64)}`,
    }),
  }),
  'slack': textSender({
    signatureHeader: 'X-Slack-Signature',
    timestampHeader: 'X-Slack-Request-Timestamp',
    bodyOf: (id) => JSON.stringify({ type: 'event_callback', event_id: id }),
    headersOf: (facts, secret) => ({
      'X-Slack-Request-Timestamp': seconds(facts),
      'X-Slack-Signature': `v0=${hmac(secret, `v0:${seconds(facts)}:${facts.body}`, 'hex')}`,
    }),
  }),
  'shopify': textSender({
    signatureHeader: 'X-Shopify-Hmac-SHA256',
    timestampHeader: null,
    headersOf: ({ body, id }, secret) => ({
      'X-Shopify-Webhook-Id': id,
      'X-Shopify-Event-Id': 'shared by several',
      'X-Shopify-Hmac-SHA256': hmac(secret, body, 'base64'),
    }),
  }),
  'twilio': textSender({
    signatureHeader: 'X-Twilio-Signature',
    timestampHeader: null,
    // A JSON body is signed by its digest in the URL; forms have a test of their own.
    headersOf: ({ url, id }, secret) => ({
      'Content-Type': 'application/json',
      'I-Twilio-Idempotency-Token': id,
      'X-Twilio-Signature': hmac(secret, url, 'base64', 'sha1'),
    }),
  }),
  'standard-webhooks': standardWebhooks('svix'),
  'standard-webhooks-ed25519': standardWebhooksEd25519,
  'pagerduty': textSender({
    signatureHeader: 'X-PagerDuty-Signature',
    timestampHeader: null,
    bodyOf: (id) => JSON.stringify({ event: { id, event_type: 'incident.triggered' } }),
    headersOf: ({ body }, secret) => ({
      'X-PagerDuty-Signature': `v1=${'f'.repeat(64)},v1=${hmac(secret, body, 'hex')}`,
    }),
  }),
  'linear': textSender({
    signatureHeader: 'Linear-Signature',
    timestampHeader: null,
    bodyOf: (_id, nowEpochMs) => JSON.stringify({ action: 'create', webhookTimestamp: nowEpochMs }),
    headersOf: ({ body, id }, secret) => ({
      'Linear-Delivery': id,
      'Linear-Signature': hmac(secret, body, 'hex'),
    }),
  }),
  'hubspot': textSender({
    signatureHeader: 'X-HubSpot-Signature-v3',
    timestampHeader: 'X-HubSpot-Request-Timestamp',
    headersOf: ({ body, url, nowEpochMs }, secret) => ({
      'X-HubSpot-Request-Timestamp': String(nowEpochMs),
      'X-HubSpot-Signature-v3': hmac(secret, `POST${url}${body}${nowEpochMs}`, 'base64'),
    }),
  }),
  'zoom': textSender({
    signatureHeader: 'x-zm-signature',
    timestampHeader: 'x-zm-request-timestamp',
    headersOf: (facts, secret) => ({
      'x-zm-request-timestamp': seconds(facts),
      'x-zm-signature': `v0=${hmac(secret, `v0:${seconds(facts)}:${facts.body}`, 'hex')}`,
    }),
  }),
  'atlassian': textSender({
    signatureHeader: 'X-Hub-Signature',
    timestampHeader: null,
    headersOf: ({ body, id }, secret) => ({
      'X-Atlassian-Webhook-Identifier': id,
      'X-Hub-Signature': `sha256=${hmac(secret, body, 'hex')}`,
    }),
  }),
  'discord': ((): WebhookSender => {
    const write = (raw: Buffer): string => raw.toString('hex');
    const secret = makeEd25519(write);
    return {
      secret,
      otherSecret: makeEd25519(write),
      signatureHeader: 'X-Signature-Ed25519',
      timestampHeader: 'X-Signature-Timestamp',
      bodyOf: (id) => JSON.stringify({ id, type: 2 }),
      headersOf(facts, key = secret) {
        const content = Buffer.from(seconds(facts) + facts.body);
        return {
          'X-Signature-Timestamp': seconds(facts),
          'X-Signature-Ed25519': sign(null, content, privateKeyOf(key)).toString('hex'),
        };
      },
    };
  })(),
  'meta': textSender({
    signatureHeader: 'X-Hub-Signature-256',
    timestampHeader: null,
    headersOf: ({ body }, secret) => ({ 'X-Hub-Signature-256': `sha256=${hmac(secret, body, 'hex')}` }),
  }),
  'dropbox': textSender({
    signatureHeader: 'X-Dropbox-Signature',
    timestampHeader: null,
    bodyOf: () => JSON.stringify({ list_folder: { accounts: ['dbid:AAH4f99'] } }),
    headersOf: ({ body }, secret) => ({ 'X-Dropbox-Signature': hmac(secret, body, 'hex') }),
  }),
  'xero': textSender({
    signatureHeader: 'x-xero-signature',
    timestampHeader: null,
    bodyOf: (id) => JSON.stringify({ events: [{ resourceId: id }], firstEventSequence: 1, entropy: 'S0m3' }),
    headersOf: ({ body }, secret) => ({ 'x-xero-signature': hmac(secret, body, 'base64') }),
  }),
  'trello': textSender({
    signatureHeader: 'X-Trello-Webhook',
    timestampHeader: null,
    bodyOf: (id) => JSON.stringify({ action: { id, type: 'updateCard' }, model: {} }),
    headersOf: ({ body, url }, secret) => ({
      'X-Trello-Webhook': hmac(secret, body + url, 'base64', 'sha1'),
    }),
  }),
  'box': textSender({
    signatureHeader: 'BOX-SIGNATURE-PRIMARY',
    timestampHeader: 'BOX-DELIVERY-TIMESTAMP',
    bodyOf: (id) => JSON.stringify({ type: 'webhook_event', id, trigger: 'FILE.UPLOADED' }),
    headersOf({ body, nowEpochMs }, secret) {
      const timestamp = new Date(nowEpochMs).toISOString().replace(/\.\d+Z$/, '-00:00');
      return {
        'BOX-DELIVERY-TIMESTAMP': timestamp,
        'BOX-SIGNATURE-PRIMARY': hmac(secret, body + timestamp, 'base64'),
        'BOX-SIGNATURE-VERSION': '1',
        'BOX-SIGNATURE-ALGORITHM': 'HmacSHA256',
      };
    },
  }),
  'square': textSender({
    signatureHeader: 'X-Square-HmacSha256-Signature',
    timestampHeader: null,
    bodyOf: (id) => JSON.stringify({ event_id: id, type: 'payment.created' }),
    headersOf: ({ body, url }, secret) => ({
      'X-Square-HmacSha256-Signature': hmac(secret, url + body, 'base64'),
    }),
  }),
  'sendgrid': ((): WebhookSender => {
    const secret = makeP256();
    return {
      secret,
      otherSecret: makeP256(),
      signatureHeader: 'X-Twilio-Email-Event-Webhook-Signature',
      timestampHeader: 'X-Twilio-Email-Event-Webhook-Timestamp',
      bodyOf: () => '[{"email":"a@example.com","sg_event_id":"a"}]\r\n',
      headersOf(facts, key = secret) {
        const content = Buffer.from(seconds(facts) + facts.body);
        return {
          'X-Twilio-Email-Event-Webhook-Timestamp': seconds(facts),
          'X-Twilio-Email-Event-Webhook-Signature': sign('sha256', content, privateKeyOf(key)).toString(
            'base64',
          ),
        };
      },
    };
  })(),
};

/** The URL that a sender posts to: Twilio's holds the digest of a body that is no form. */
export function webhookUrl(sender: WebhookProvider, body: string): string {
  const url = 'https://hooks.example/orders';
  return sender === 'twilio' ? `${url}?bodySHA256=${createHash('sha256').update(body).digest('hex')}` : url;
}

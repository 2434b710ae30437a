/**
 * The webhook providers that have a preset, and how each of them signs. `docs/http.md`, "Webhook providers", links to
 * the descriptions.
 */
import type { WebhookProvider } from '../compiled-config/compiled-verification.ts';
import { discordHandshake, slackHandshake, xeroHandshake, zoomHandshake } from './webhook-handshake.ts';
import { hmacKeys, publicKeys } from './signature-key.ts';
import type { SignatureScheme } from './signature-scheme.ts';
import { HUBSPOT_CONTENT, signedTemplate, TWILIO_CONTENT } from './signed-content.ts';

const HEX = hmacKeys({ digest: 'sha256', encoding: 'hex', keyText: 'utf8' });
const BASE64 = hmacKeys({ digest: 'sha256', encoding: 'base64', keyText: 'utf8' });
const BODY = signedTemplate('{body}');

/** https://github.com/standard-webhooks/standard-webhooks; Svix sends the same under its own names. */
const STANDARD_WEBHOOKS: SignatureScheme = {
  signature: { names: ['webhook-signature', 'svix-signature'], separator: ' ', prefix: 'v1,' },
  timestamp: { names: ['webhook-timestamp', 'svix-timestamp'], unit: 's' },
  id: { names: ['webhook-id', 'svix-id'] },
  signed: signedTemplate('{id}.{timestamp}.{body}'),
  keys: hmacKeys({ digest: 'sha256', encoding: 'base64', keyText: 'whsec' }),
};

export const WEBHOOK_PROVIDERS: Readonly<Record<WebhookProvider, SignatureScheme>> = {
  'github': {
    // The older X-Hub-Signature is SHA-1.
    signature: { names: ['x-hub-signature-256'], prefix: 'sha256=' },
    signed: BODY,
    keys: HEX,
    deliveryId: { header: 'x-github-delivery' },
  },
  // GitLab's signing token is Standard Webhooks as it stands.
  'gitlab-signature': STANDARD_WEBHOOKS,
  'stripe': {
    signature: { names: ['stripe-signature'], separator: ',', prefix: 'v1=' },
    timestamp: { names: ['stripe-signature'], separator: ',', prefix: 't=', unit: 's' },
    signed: signedTemplate('{timestamp}.{body}'),
    // All of `whsec_…` is the key, unlike Standard Webhooks'.
    keys: HEX,
    deliveryId: { body: ['id'] },
  },
  'slack': {
    signature: { names: ['x-slack-signature'], prefix: 'v0=' },
    timestamp: { names: ['x-slack-request-timestamp'], unit: 's' },
    signed: signedTemplate('v0:{timestamp}:{body}'),
    keys: HEX,
    deliveryId: { body: ['event_id'] },
    handshake: slackHandshake,
  },
  'shopify': {
    signature: { names: ['x-shopify-hmac-sha256', 'shopify-hmac-sha256'] },
    signed: BODY,
    keys: BASE64,
    // Not the event id: several webhooks share it.
    deliveryId: { header: 'x-shopify-webhook-id', orHeader: 'shopify-webhook-id' },
  },
  'twilio': {
    signature: { names: ['x-twilio-signature'] },
    signed: TWILIO_CONTENT,
    keys: hmacKeys({ digest: 'sha1', encoding: 'base64', keyText: 'utf8' }),
    deliveryId: { header: 'i-twilio-idempotency-token' },
  },
  'standard-webhooks': STANDARD_WEBHOOKS,
  'standard-webhooks-ed25519': {
    ...STANDARD_WEBHOOKS,
    signature: { ...STANDARD_WEBHOOKS.signature, prefix: 'v1a,' },
    keys: publicKeys({ algorithm: 'ed25519', encoding: 'base64' }),
  },
  'pagerduty': {
    signature: { names: ['x-pagerduty-signature'], separator: ',', prefix: 'v1=' },
    signed: BODY,
    keys: HEX,
    deliveryId: { body: ['event', 'id'] },
  },
  'linear': {
    signature: { names: ['linear-signature'] },
    signed: BODY,
    keys: HEX,
    deliveryId: { header: 'linear-delivery' },
    bodyTimestamp: { path: ['webhookTimestamp'], unit: 'ms' },
  },
  'hubspot': {
    signature: { names: ['x-hubspot-signature-v3'] },
    timestamp: { names: ['x-hubspot-request-timestamp'], unit: 'ms' },
    signed: HUBSPOT_CONTENT,
    keys: BASE64,
  },
  'zoom': {
    signature: { names: ['x-zm-signature'], prefix: 'v0=' },
    timestamp: { names: ['x-zm-request-timestamp'], unit: 's' },
    signed: signedTemplate('v0:{timestamp}:{body}'),
    keys: HEX,
    handshake: zoomHandshake,
  },
  'atlassian': {
    // Bitbucket and Jira: GitHub's old name with SHA-256.
    signature: { names: ['x-hub-signature'], prefix: 'sha256=' },
    signed: BODY,
    keys: HEX,
    // Jira's id stays the same in retries. For Bitbucket's X-Request-UUID this is not documented.
    deliveryId: { header: 'x-atlassian-webhook-identifier' },
  },
  'discord': {
    signature: { names: ['x-signature-ed25519'] },
    timestamp: { names: ['x-signature-timestamp'], unit: 's' },
    signed: signedTemplate('{timestamp}{body}'),
    keys: publicKeys({ algorithm: 'ed25519', encoding: 'hex' }),
    deliveryId: { body: ['id'] },
    handshake: discordHandshake,
  },
  'square': {
    signature: { names: ['x-square-hmacsha256-signature'] },
    signed: signedTemplate('{url}{body}'),
    keys: BASE64,
    deliveryId: { body: ['event_id'] },
  },
  'sendgrid': {
    signature: { names: ['x-twilio-email-event-webhook-signature'] },
    timestamp: { names: ['x-twilio-email-event-webhook-timestamp'], unit: 's' },
    signed: signedTemplate('{timestamp}{body}'),
    keys: publicKeys({ algorithm: 'ecdsa-p256', encoding: 'base64' }),
  },
  'meta': {
    signature: { names: ['x-hub-signature-256'], prefix: 'sha256=' },
    signed: BODY,
    keys: HEX,
  },
  'dropbox': {
    signature: { names: ['x-dropbox-signature'] },
    signed: BODY,
    keys: HEX,
    // A notification only names accounts that have changes, so that two changes have the same body.
    repeatsBodies: true,
  },
  'xero': {
    signature: { names: ['x-xero-signature'] },
    signed: BODY,
    keys: BASE64,
    handshake: xeroHandshake,
  },
  'trello': {
    signature: { names: ['x-trello-webhook'] },
    signed: signedTemplate('{body}{url}'),
    keys: hmacKeys({ digest: 'sha1', encoding: 'base64', keyText: 'utf8' }),
    deliveryId: { body: ['action', 'id'] },
  },
  'box': {
    signature: { names: ['box-signature-primary'] },
    secondSignature: { names: ['box-signature-secondary'] },
    timestamp: { names: ['box-delivery-timestamp'], unit: 'rfc3339' },
    signed: signedTemplate('{body}{timestamp}'),
    keys: BASE64,
    deliveryId: { body: ['id'] },
  },
};

/**
 * Where webhook senders with a preset say what happened: in a header or in the body. docs/http.md, "Types of webhook
 * events", lists them with links to the descriptions of the senders.
 */
import type { CompiledVerification, WebhookProvider } from '../compiled-config/compiled-verification.ts';

export type WebhookSenderName = WebhookProvider | 'gitlab-token' | 'okta' | 'microsoft-graph' | 'monday';

export type Place = { readonly header: string } | { readonly body: readonly string[] };

/** `prefix` names the sender, so that types of several senders on one route differ. */
export type TypePlace = Place & {
  readonly prefix: string;
  /** The spelling that CloudEvents types have, where the sender has another. */
  readonly spell?: (type: string) => string;
};

export interface TimePlace {
  readonly place: Place;
  /** What a number counts; a text is RFC 3339. */
  readonly unit?: 's' | 'ms';
}

/** Of several places the first one that has a value counts. */
export interface WebhookSender {
  readonly types: readonly TypePlace[];
  /** A URL, or the name of a host. */
  readonly sources?: readonly Place[];
  readonly subjects?: readonly Place[];
  readonly times?: readonly TimePlace[];
  /** The field that holds the JSON where the body is a form with no other field. */
  readonly formField?: string;
}

const body = (...path: readonly string[]): Place => ({ body: path });
const header = (name: string): Place => ({ header: name });

/** `Merge Request Hook` is `merge_request`. */
function spellGitLab(type: string): string {
  return type
    .replace(/ Hook$/, '')
    .replaceAll(' ', '_')
    .toLowerCase();
}

const GITLAB: WebhookSender = {
  types: [{ ...header('x-gitlab-event'), prefix: 'gitlab.', spell: spellGitLab }],
  sources: [body('project', 'web_url')],
  subjects: [body('object_attributes', 'iid'), body('ref')],
};

/** A payload of this standard has `type` and `timestamp`; its types are those of whichever service sends it. */
const STANDARD_WEBHOOKS: WebhookSender = {
  types: [{ ...body('type'), prefix: '' }],
  times: [{ place: body('timestamp') }],
};

/** They collect several changes in one request, or say nothing but that there are some. */
const NOTHING_SAID: WebhookSender = { types: [] };

export const WEBHOOK_SENDERS: Readonly<Record<WebhookSenderName, WebhookSender>> = {
  'github': {
    types: [{ ...header('x-github-event'), prefix: 'github.' }],
    sources: [body('repository', 'html_url'), body('organization', 'url')],
    subjects: [body('pull_request', 'number'), body('issue', 'number'), body('ref')],
    formField: 'payload',
  },
  'gitlab-signature': GITLAB,
  'gitlab-token': GITLAB,
  'stripe': {
    types: [{ ...body('type'), prefix: 'stripe.' }],
    subjects: [body('data', 'object', 'id')],
    times: [{ place: body('created'), unit: 's' }],
  },
  'slack': {
    // An event of the Events API is in an envelope whose type is event_callback; interactions have a type alone.
    types: [
      { ...body('event', 'type'), prefix: 'slack.' },
      { ...body('type'), prefix: 'slack.' },
    ],
    subjects: [body('event', 'channel'), body('channel', 'id')],
    times: [{ place: body('event_time'), unit: 's' }],
    formField: 'payload',
  },
  'shopify': {
    types: [
      { ...header('x-shopify-topic'), prefix: 'shopify.' },
      { ...header('shopify-topic'), prefix: 'shopify.' },
    ],
    sources: [header('x-shopify-shop-domain'), header('shopify-shop-domain')],
    subjects: [body('admin_graphql_api_id')],
    times: [{ place: header('x-shopify-triggered-at') }, { place: header('shopify-triggered-at') }],
  },
  'twilio': {
    types: [{ ...body('EventType'), prefix: 'twilio.' }],
    subjects: [body('MessageSid'), body('CallSid')],
  },
  'standard-webhooks': STANDARD_WEBHOOKS,
  'standard-webhooks-ed25519': STANDARD_WEBHOOKS,
  'pagerduty': {
    types: [{ ...body('event', 'event_type'), prefix: 'pagerduty.' }],
    subjects: [body('event', 'data', 'id')],
    times: [{ place: body('event', 'occurred_at') }],
  },
  'linear': {
    types: [
      { ...header('linear-event'), prefix: 'linear.' },
      { ...body('type'), prefix: 'linear.' },
    ],
    subjects: [body('data', 'id')],
    times: [{ place: body('createdAt') }],
  },
  'hubspot': {
    types: [{ ...body('subscriptionType'), prefix: 'hubspot.' }],
    subjects: [body('objectId')],
    times: [{ place: body('occurredAt'), unit: 'ms' }],
  },
  'zoom': {
    types: [{ ...body('event'), prefix: 'zoom.' }],
    subjects: [body('payload', 'object', 'id')],
    times: [{ place: body('event_ts'), unit: 'ms' }],
  },
  'atlassian': {
    types: [
      { ...header('x-event-key'), prefix: 'bitbucket.' },
      { ...body('webhookEvent'), prefix: 'jira.', spell: (type) => type.replace(/^jira:/, '') },
    ],
    sources: [body('repository', 'links', 'html', 'href')],
    subjects: [body('pullrequest', 'id'), body('issue', 'key')],
    times: [{ place: body('timestamp'), unit: 'ms' }],
  },
  'discord': {
    types: [{ ...body('event', 'type'), prefix: 'discord.' }],
    times: [{ place: body('event', 'timestamp') }],
  },
  'square': {
    types: [{ ...body('type'), prefix: 'square.' }],
    subjects: [body('data', 'id')],
    times: [{ place: body('created_at') }],
  },
  'sendgrid': {
    types: [{ ...body('event'), prefix: 'sendgrid.' }],
    subjects: [body('sg_message_id')],
    times: [{ place: body('timestamp'), unit: 's' }],
  },
  'meta': { types: [{ ...body('object'), prefix: 'meta.' }] },
  'dropbox': NOTHING_SAID,
  'xero': NOTHING_SAID,
  'trello': {
    types: [{ ...body('action', 'type'), prefix: 'trello.' }],
    sources: [body('model', 'url')],
    subjects: [body('action', 'data', 'card', 'id'), body('model', 'id')],
    times: [{ place: body('action', 'date') }],
  },
  'box': {
    types: [{ ...body('trigger'), prefix: 'box.' }],
    subjects: [body('source', 'id')],
    times: [{ place: body('created_at') }],
  },
  'okta': {
    types: [{ ...body('eventType'), prefix: '' }],
    sources: [body('source')],
    times: [{ place: body('eventTime') }],
  },
  'microsoft-graph': NOTHING_SAID,
  'monday': {
    types: [{ ...body('event', 'type'), prefix: 'monday.' }],
    subjects: [body('event', 'pulseId')],
    times: [{ place: body('event', 'triggerTime') }],
  },
};

/** Null where requests are verified in a way that tells nothing of their sender. */
export function webhookSenderOf(verify: CompiledVerification): WebhookSender | null {
  const name = verify.scheme === 'webhook' ? verify.provider : verify.scheme;
  return isWebhookSenderName(name) ? WEBHOOK_SENDERS[name] : null;
}

export function isWebhookSenderName(name: string): name is WebhookSenderName {
  return Object.hasOwn(WEBHOOK_SENDERS, name);
}

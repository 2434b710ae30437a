/** What webhook senders say of their events, with bodies and headers as their documentation shows them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledVerification } from '../../../lib/compiled-config/compiled-verification.ts';
import { decodeRecord } from '../../../lib/event/decode.ts';
import type { Event } from '../../../lib/event/event.ts';
import type { Decoded } from '../../../lib/event/record.ts';
import { recordOfQueueMessage, toQueueMessage } from '../../../lib/event/queue-message.ts';
import {
  isWebhookSenderName,
  WEBHOOK_SENDERS,
  type WebhookSenderName,
} from '../../../lib/event/webhook-senders.ts';
import { WEBHOOK_PROVIDERS } from '../../../lib/verification/webhook-providers.ts';
import { makeHttpSource } from '../../support/builders/compiled-config.ts';
import { makeHttpRecord } from '../../support/builders/make-record.ts';

const limits = { maxEventBytes: 200_000, maxDepth: 64, maxKeys: 1_000 };

function verifyBy(name: WebhookSenderName): CompiledVerification {
  if (name === 'gitlab-token' || name === 'microsoft-graph') return { scheme: name, secret: 's' };
  if (name === 'okta') return { scheme: name, secret: 's', header: 'authorization' };
  if (name === 'monday') return { scheme: name, secret: 's', publicUrl: null };
  return { scheme: 'webhook', provider: name, secret: 's', toleranceSeconds: 0, publicUrl: null };
}

function decodedEvents(decoded: Decoded): readonly Event[] {
  if (decoded.kind === 'rejected') throw new Error(decoded.rejection.detail);
  return decoded.events;
}

function receive(
  name: WebhookSenderName,
  headers: Readonly<Record<string, string>>,
  body: string,
  contentType = 'application/json',
): readonly Event[] {
  const source = makeHttpSource({ verify: verifyBy(name), name: 'hook' });
  const record = makeHttpRecord({ body, headers, contentType, deliveryId: 'delivery-1' });
  return decodedEvents(decodeRecord(record, source, limits));
}

const DEFAULTS = {
  type: 'test.event',
  source: 'sluice:hook',
  subject: undefined,
  time: '2026-09-21T14:13:20.000Z',
};

interface Said {
  readonly type: string;
  readonly source?: string;
  readonly subject?: string;
  readonly time?: string;
}

type Sample = readonly [
  sender: WebhookSenderName,
  headers: Record<string, string>,
  body: unknown,
  said: Said,
];

const SAMPLES: readonly Sample[] = [
  [
    'github',
    { 'x-github-event': 'push' },
    { ref: 'refs/heads/main', repository: { html_url: 'https://github.com/o/r' } },
    { type: 'github.push', source: 'https://github.com/o/r', subject: 'refs/heads/main' },
  ],
  [
    'github',
    { 'x-github-event': 'pull_request' },
    { action: 'opened', pull_request: { number: 7 }, repository: { html_url: 'https://github.com/o/r' } },
    { type: 'github.pull_request', source: 'https://github.com/o/r', subject: '7' },
  ],
  ...(['gitlab-signature', 'gitlab-token'] as const).flatMap((name): readonly Sample[] => [
    [
      name,
      { 'x-gitlab-event': 'Merge Request Hook' },
      { project: { web_url: 'https://gitlab.example/o/r' }, object_attributes: { iid: 3 } },
      { type: 'gitlab.merge_request', source: 'https://gitlab.example/o/r', subject: '3' },
    ],
    [name, { 'x-gitlab-event': 'Push Hook' }, { ref: 'a' }, { type: 'gitlab.push', subject: 'a' }],
    [name, { 'x-gitlab-event': 'System Hook' }, {}, { type: 'gitlab.system' }],
  ]),
  [
    'stripe',
    {},
    { type: 'payment_intent.succeeded', created: 1_680_064_028, data: { object: { id: 'pi_1' } } },
    { type: 'stripe.payment_intent.succeeded', subject: 'pi_1', time: '2023-03-29T04:27:08.000Z' },
  ],
  [
    'slack',
    {},
    { type: 'event_callback', event: { type: 'app_mention', channel: 'C1' }, event_time: 1_515_449_522 },
    { type: 'slack.app_mention', subject: 'C1', time: '2018-01-08T22:12:02.000Z' },
  ],
  [
    'shopify',
    {
      'x-shopify-topic': 'orders/create',
      'x-shopify-shop-domain': 'a.myshopify.com',
      'x-shopify-triggered-at': '2023-03-29T18:00:27.877041743Z',
    },
    { admin_graphql_api_id: 'gid://shopify/Order/1' },
    {
      type: 'shopify.orders/create',
      source: 'https://a.myshopify.com',
      subject: 'gid://shopify/Order/1',
      time: '2023-03-29T18:00:27.877041743Z',
    },
  ],
  ['shopify', { 'shopify-topic': 'orders' }, {}, { type: 'shopify.orders' }],
  [
    'twilio',
    {},
    { EventType: 'onMessageAdded', MessageSid: 'IM1' },
    { type: 'twilio.onMessageAdded', subject: 'IM1' },
  ],
  ...(['standard-webhooks', 'standard-webhooks-ed25519'] as const).map((name): Sample => [
    name,
    {},
    { type: 'user.created', timestamp: '2022-11-03T20:26:10.344522Z', data: {} },
    { type: 'user.created', time: '2022-11-03T20:26:10.344522Z' },
  ]),
  [
    'pagerduty',
    {},
    {
      event: {
        event_type: 'incident.triggered',
        occurred_at: '2020-10-02T18:45:22.169Z',
        data: { id: 'P1' },
      },
    },
    { type: 'pagerduty.incident.triggered', subject: 'P1', time: '2020-10-02T18:45:22.169Z' },
  ],
  [
    'linear',
    { 'linear-event': 'Issue' },
    { action: 'create', type: 'Issue', createdAt: '2020-01-23T12:53:18.084Z', data: { id: 'i1' } },
    { type: 'linear.Issue', subject: 'i1', time: '2020-01-23T12:53:18.084Z' },
  ],
  [
    'zoom',
    {},
    { event: 'meeting.started', event_ts: 1_626_230_691_572, payload: { object: { id: '11' } } },
    { type: 'zoom.meeting.started', subject: '11', time: '2021-07-14T02:44:51.572Z' },
  ],
  [
    'atlassian',
    { 'x-event-key': 'repo:push' },
    { repository: { links: { html: { href: 'https://bitbucket.org/o/r' } } } },
    { type: 'bitbucket.repo:push', source: 'https://bitbucket.org/o/r' },
  ],
  [
    'atlassian',
    {},
    { webhookEvent: 'jira:issue_created', timestamp: 1_525_698_237_764, issue: { key: 'A-1' } },
    { type: 'jira.issue_created', subject: 'A-1', time: '2018-05-07T13:03:57.764Z' },
  ],
  [
    'discord',
    {},
    { type: 1, event: { type: 'ENTITLEMENT_CREATE', timestamp: '2024-10-18T14:42:53.064834' } },
    { type: 'discord.ENTITLEMENT_CREATE' },
  ],
  [
    'square',
    {},
    { type: 'payment.created', created_at: '2020-02-06T21:27:34.308Z', data: { id: 'K1' } },
    { type: 'square.payment.created', subject: 'K1', time: '2020-02-06T21:27:34.308Z' },
  ],
  ['meta', {}, { object: 'page', entry: [] }, { type: 'meta.page' }],
  [
    'trello',
    {},
    {
      action: { type: 'updateCard', date: '2012-03-02T14:47:25.907Z' },
      model: { id: 'm', url: 'https://trello.com/b/m' },
    },
    {
      type: 'trello.updateCard',
      source: 'https://trello.com/b/m',
      subject: 'm',
      time: '2012-03-02T14:47:25.907Z',
    },
  ],
  [
    'box',
    {},
    { trigger: 'FILE.UPLOADED', created_at: '2016-04-07T22:14:51-07:00', source: { id: '73835521473' } },
    { type: 'box.FILE.UPLOADED', subject: '73835521473', time: '2016-04-07T22:14:51-07:00' },
  ],
  [
    'okta',
    {},
    {
      eventType: 'com.okta.event_hook',
      source: 'https://a.okta.com/api/v1/eventHooks/w',
      eventTime: '2023-03-29T18:00:27.000Z',
    },
    {
      type: 'com.okta.event_hook',
      source: 'https://a.okta.com/api/v1/eventHooks/w',
      time: '2023-03-29T18:00:27.000Z',
    },
  ],
  [
    'monday',
    {},
    { event: { type: 'create_pulse', pulseId: 1_772_099_344, triggerTime: '2021-10-11T09:07:28.210Z' } },
    { type: 'monday.create_pulse', subject: '1772099344', time: '2021-10-11T09:07:28.210Z' },
  ],
  ['dropbox', {}, { list_folder: { accounts: ['a'] } }, { type: 'test.event' }],
  ['xero', {}, { events: [{ eventType: 'UPDATE' }] }, { type: 'test.event' }],
  ['microsoft-graph', {}, { value: [{ changeType: 'created' }] }, { type: 'test.event' }],
];

describe('an event of a webhook sender', () => {
  it.each(SAMPLES)('has what %s says of it: %j %j', (name, headers, body, said) => {
    const [event] = receive(name, headers, JSON.stringify(body));
    const { type, source, subject, time } = event ?? {};
    expect({ type, source, subject, time }).toEqual({ ...DEFAULTS, ...said });
  });

  it('has a sample for each sender', () => {
    const inLists = ['hubspot', 'sendgrid'];
    const names = new Set([...SAMPLES.map(([name]) => name), ...inLists]);
    expect([...names].toSorted()).toEqual(Object.keys(WEBHOOK_SENDERS).toSorted());
    expect(Object.keys(WEBHOOK_PROVIDERS).filter((name) => !isWebhookSenderName(name))).toEqual([]);
  });

  it('has its own type in a request with several', () => {
    const events = receive(
      'hubspot',
      {},
      '[{"subscriptionType":"contact.creation","objectId":5,"occurredAt":1462216307945},{"subscriptionType":"deal.deletion"}]',
    );
    expect(events.map(({ type, subject, time }) => ({ type, subject, time }))).toEqual([
      { type: 'hubspot.contact.creation', subject: '5', time: '2016-05-02T19:11:47.945Z' },
      { type: 'hubspot.deal.deletion', subject: undefined, time: DEFAULTS.time },
    ]);
    const [mail] = receive(
      'sendgrid',
      {},
      '[{"event":"delivered","timestamp":1513299569,"sg_message_id":"m"}]',
    );
    expect(mail).toMatchObject({
      type: 'sendgrid.delivered',
      subject: 'm',
      time: '2017-12-15T00:59:29.000Z',
    });
  });

  it('has the identity of its source and delivery, whatever its sender calls itself, on the queue as well', () => {
    const [event] = receive(
      'github',
      { 'x-github-event': 'push' },
      '{"repository":{"html_url":"https://github.com/o/r"}}',
    );
    const identity = ['cloudevents', 'sluice:hook', 'delivery-1'];
    expect(event).toMatchObject({ source: 'https://github.com/o/r', identity });
    if (event?.origin.kind !== 'http') throw new Error('no HTTP event');
    const source = makeHttpSource({ name: 'hook' });
    const queued = recordOfQueueMessage(toQueueMessage({ ...event, origin: event.origin }, source));
    expect(decodeRecord(queued, source, limits)).toMatchObject({
      events: [{ type: 'github.push', identity }],
    });
  });

  it('that is a CloudEvent keeps its own attributes', () => {
    const body = '{"specversion":"1.0","id":"1","source":"/a","type":"t"}';
    const [event] = receive('github', { 'x-github-event': 'push' }, body, 'application/cloudevents+json');
    expect(event).toMatchObject({ type: 't', source: '/a' });
  });

  it('is never refused or broken by what its sender says: the queue takes it, and its consumer reads it', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.constantFrom(
        '',
        'a b',
        '\0',
        '\ud800',
        '\uFFFE',
        'https://[',
        'javascript:alert(1)',
        'x'.repeat(501),
        null,
      ),
      fc.constantFrom('0000-00-00T00:00:00Z', 1e300, -1e15, '__proto__', 'https://a/%zz', 'http://a/ b'),
    );
    const headers = fc.dictionary(
      fc.constantFrom(
        'x-github-event',
        'x-event-key',
        'x-shopify-topic',
        'x-shopify-shop-domain',
        'x-gitlab-event',
      ),
      fc.string(),
    );
    const names = Object.keys(WEBHOOK_SENDERS).filter(isWebhookSenderName);
    const body = fc.record({
      type: odd,
      ref: odd,
      created: odd,
      timestamp: odd,
      event: fc.oneof(odd, fc.record({ type: odd, event_type: odd, occurred_at: odd })),
      repository: fc.oneof(odd, fc.record({ html_url: odd })),
      webhookEvent: odd,
      objectId: odd,
    });
    fc.assert(
      fc.property(fc.constantFrom(...names), headers, body, (name, said, data) => {
        const text = JSON.stringify(data).replaceAll(/\\ud[89ab][0-9a-f]{2}|\\u0000/gi, '');
        const source = makeHttpSource({ verify: verifyBy(name) });
        const decoded = decodeRecord(
          makeHttpRecord({ body: text, headers: said, contentType: 'application/json' }),
          source,
          limits,
        );
        // Half of a surrogate pair may be left in the body, which is refused for it.
        if (decoded.kind === 'rejected') {
          expect(['lone-surrogate', 'number-out-of-range', 'nul-character']).toContain(
            decoded.rejection.code,
          );
          return;
        }
        for (const event of decoded.events) {
          if (event.origin.kind !== 'http') throw new Error('not of HTTP');
          const queued = recordOfQueueMessage(toQueueMessage({ ...event, origin: event.origin }, source));
          // The two characters that SQS refuses are escaped in the data.
          const { type, source: from, subject, time, identity } = event;
          const [received] = decodedEvents(decodeRecord(queued, source, limits));
          expect(received).toMatchObject({ type, source: from, identity });
          expect([received?.subject, received?.time]).toEqual([subject, time]);
        }
      }),
    );
  });
});

describe("GitHub's default content type", () => {
  const FORM = 'application/x-www-form-urlencoded';
  const formOf = (json: string) => `payload=${encodeURIComponent(json)}`;

  it('is read: the JSON of its only field is the data', () => {
    const json = '{"ref":"a","big":9007199254740993}';
    const [event] = receive('github', { 'x-github-event': 'push' }, formOf(json), FORM);
    expect(event).toMatchObject({
      type: 'github.push',
      subject: 'a',
      datacontenttype: 'application/json',
      data: { kind: 'json', text: json },
    });
  });

  it('is also that of interactions of Slack, and not of its slash commands', () => {
    const [interaction] = receive('slack', {}, formOf('{"type":"block_actions"}'), FORM);
    expect(interaction).toMatchObject({
      type: 'slack.block_actions',
      data: { value: { type: 'block_actions' } },
    });
    const [command] = receive('slack', {}, 'command=%2Fdeploy&text=prod', FORM);
    expect(command).toMatchObject({ data: { value: { command: '/deploy', text: 'prod' } } });
  });

  it.each([
    ['payload twice', 'payload=1&payload=2', { payload: ['1', '2'] }],
    ['another field beside it', 'payload=1&a=2', { payload: '1', a: '2' }],
  ])('is a form like any other with %s', (_what, body, value) => {
    expect(receive('github', {}, body, FORM)).toMatchObject([{ data: { value } }]);
  });

  it('is a form like any other from a sender without such a form', () => {
    expect(receive('twilio', {}, 'payload=1', FORM)).toMatchObject([{ data: { value: { payload: '1' } } }]);
  });

  it('is held to the limits within the field, too', () => {
    expect(() => receive('github', {}, formOf('{"a":'), FORM)).toThrow(/not valid JSON|JSON/);
    expect(() => receive('github', {}, formOf('{"a":'.repeat(70) + '1' + '}'.repeat(70)), FORM)).toThrow(
      /deep/,
    );
    expect(() => receive('github', {}, formOf(String.raw`{"a":"\u0000"}`), FORM)).toThrow(/U\+0000/);
    const [marked] = receive('github', {}, formOf('{"__prefect_kind":"jinja"}'), FORM);
    expect(marked?.hasTemplateMarker).toBe(true);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebhookProvider } from '../../../lib/compiled-config/compiled-verification.ts';
import { WEBHOOK_PROVIDERS } from '../../../lib/verification/webhook-providers.ts';
import { UnusableSecretError } from '../../../lib/verification/unusable-secret-error.ts';
import type { Verification } from '../../../lib/verification/verification.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';
import { WEBHOOK_SENDERS, webhookUrl, type WebhookSender } from '../../support/builders/sign-webhook.ts';

const NOW = Date.UTC(2026, 8, 21, 14, 13, 20);
const TOLERANCE_SECONDS = 300;
const ID = '72d3162e-cc78-11e3-81ab-4c9367dc0958';

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly url: string;
}

function send(
  sender: WebhookProvider,
  secretText: string,
  sent: Sent,
  nowEpochMs: number = NOW,
): Promise<Verification> {
  return verifyRequest(
    makeUnverifiedRequest(sent),
    {
      scheme: 'webhook',
      provider: sender,
      secret: 'hook',
      toleranceSeconds: TOLERANCE_SECONDS,
      publicUrl: null,
    },
    {
      secrets: new InMemorySecretSource({ hook: secretText }),
      documents: new InMemoryDocumentSource(),
      clock: { nowEpochMs: () => nowEpochMs },
    },
  );
}

/** The request of a sender, signed at `signedAtEpochMs` with a secret of it. */
function genuine(sender: WebhookProvider, secret?: string, signedAtEpochMs: number = NOW): Sent {
  const { bodyOf, headersOf } = WEBHOOK_SENDERS[sender];
  const body = bodyOf(ID, signedAtEpochMs);
  const url = webhookUrl(sender, body);
  return { body, url, headers: headersOf({ body, url, nowEpochMs: signedAtEpochMs, id: ID }, secret) };
}

const isSender = (name: string): name is WebhookProvider => Object.hasOwn(WEBHOOK_PROVIDERS, name);
const ALL: readonly (readonly [WebhookProvider, WebhookSender])[] = Object.entries(WEBHOOK_SENDERS).flatMap(
  ([name, sender]) => (isSender(name) ? [[name, sender] as const] : []),
);
const TIMESTAMPED = ALL.filter(
  ([name, { timestampHeader }]) => timestampHeader !== null || name === 'linear',
);

/** Those that name their deliveries, and keep the name when they send again. */
const UNNAMED: readonly WebhookProvider[] = ['hubspot', 'zoom', 'sendgrid', 'meta', 'dropbox', 'xero'];

/** Hexadecimal digits mean the same in both cases. */
function isSameHex(changed: string, signature: string): boolean {
  const isHex = /[0-9a-f]{32,}$/.test(signature);
  return isHex && changed.toLowerCase() === signature.toLowerCase();
}

describe.each(ALL)('%s', (name, sender) => {
  const { secret, otherSecret, signatureHeader, timestampHeader } = sender;

  it('lets in what the sender signed, and knows the delivery by its id', async () => {
    expect(await send(name, secret, genuine(name))).toEqual({
      kind: 'verified',
      caller: WEBHOOK_PROVIDERS[name].keys.noun,
      ...(UNNAMED.includes(name) ? {} : { deliveryId: ID }),
      ...(name === 'dropbox' && { repeatsBodies: true }),
    });
  });

  it('does not care for the order and the case of headers, or white space around them', async () => {
    const { headers, ...rest } = genuine(name);
    const shuffled = Object.fromEntries(
      Object.entries(headers)
        .reverse()
        .map(([header, value]) => [header.toUpperCase(), ` ${value}\t`]),
    );
    expect(await send(name, secret, { ...rest, headers: shuffled })).toMatchObject({ kind: 'verified' });
  });

  it('refuses any other body', async () => {
    const sent = genuine(name);
    const bytes = Buffer.from(sent.body);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const body = Buffer.from(bytes);
        body.writeUInt8(body.readUInt8(at) ^ flip, at);
        expect(await send(name, secret, { ...sent, body })).toMatchObject({
          kind: 'rejected',
          code: 'invalid-signature',
        });
      }),
    );
    for (const body of ['', bytes.subarray(1), bytes.subarray(0, -1), `${bytes.toString()} `]) {
      expect(await send(name, secret, { ...sent, body })).toMatchObject({ code: 'invalid-signature' });
    }
  });

  it('refuses any other signature', async () => {
    const sent = genuine(name);
    const signature = sent.headers[signatureHeader] ?? '';
    // Signatures that are there for others (v0 of Stripe, a second one of PagerDuty) prove nothing.
    const own = signature.lastIndexOf(
      name === 'stripe' ? hexIn(signature, 0) : name === 'pagerduty' ? hexIn(signature, 1) : signature,
    );
    const end = name === 'stripe' ? own + 64 : signature.length;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: own, max: end - 1 }),
        fc.integer({ min: 1, max: 127 }),
        async (at, flip) => {
          const other = String.fromCharCode(signature.charCodeAt(at) ^ flip);
          const changed = signature.slice(0, at) + other + signature.slice(at + 1);
          fc.pre(changed.trim() !== signature.trim() && !isSameHex(changed, signature));
          const headers = { ...sent.headers, [signatureHeader]: changed };
          expect(await send(name, secret, { ...sent, headers })).toMatchObject({
            kind: 'rejected',
          });
        },
      ),
    );
    for (const changed of [
      signature.slice(0, end - 1),
      signature.slice(0, end - 2),
      `${signature.slice(0, end)}0`,
      `${signature.slice(0, end)}=`,
      `${signature.slice(0, end)}${signature.slice(own, end)}`,
      signature.slice(0, end).toUpperCase(),
      'x'.repeat(10_000),
    ]) {
      if (isSameHex(changed, signature)) continue;
      const headers = { ...sent.headers, [signatureHeader]: changed };
      expect(await send(name, secret, { ...sent, headers })).toMatchObject({ kind: 'rejected' });
    }
  });

  it('refuses a request without a signature, and one whose signature was sent twice', async () => {
    const { headers, ...rest } = genuine(name);
    const { [signatureHeader]: signature = '', ...unsigned } = headers;
    const refusals = await Promise.all([
      send(name, secret, { ...rest, headers: unsigned }),
      send(name, secret, { ...rest, headers: { ...unsigned, [signatureHeader]: ' ' } }),
    ]);
    expect(refusals).toMatchObject([{ code: 'signature-missing' }, { code: 'signature-missing' }]);
    const twice = await send(name, secret, {
      ...rest,
      headers: { ...unsigned, [signatureHeader]: `${signature},${signature}` },
    });
    // Where a scheme has commas, a list of signatures is what it is.
    expect(twice.kind).toBe(name === 'pagerduty' ? 'verified' : 'rejected');
  });

  it('takes at most 16 signatures from one request', async () => {
    const sent = genuine(name);
    const signature = sent.headers[signatureHeader] ?? '';
    const separator = WEBHOOK_PROVIDERS[name].signature.separator ?? ',';
    const many = Array<string>(16).fill(`${WEBHOOK_PROVIDERS[name].signature.prefix ?? ''}AAAA`);
    const headers = { ...sent.headers, [signatureHeader]: [...many, signature].join(separator) };
    expect(await send(name, secret, { ...sent, headers })).toMatchObject({ kind: 'rejected' });
  });

  it('knows each of two secrets, by its id, and no third one', async () => {
    const list = JSON.stringify([
      { id: 'old', value: secret },
      { id: 'new', value: otherSecret },
    ]);
    expect(await send(name, list, genuine(name, secret))).toMatchObject({ caller: 'old' });
    expect(await send(name, list, genuine(name, otherSecret))).toMatchObject({ caller: 'new' });
    expect(await send(name, otherSecret, genuine(name, secret))).toMatchObject({ code: 'invalid-signature' });
    const over = JSON.stringify([
      { id: 'old', value: secret, notAfter: new Date(NOW).toISOString() },
      { id: 'new', value: otherSecret },
    ]);
    expect(await send(name, over, genuine(name, secret))).toMatchObject({ code: 'invalid-signature' });
  });

  it('knows a secret that came with a rotation', async () => {
    const secrets = new InMemorySecretSource({ hook: otherSecret });
    secrets.rotate('hook', secret);
    const verification = await verifyRequest(
      makeUnverifiedRequest(genuine(name)),
      { scheme: 'webhook', provider: name, secret: 'hook', toleranceSeconds: 300, publicUrl: null },
      { secrets, documents: new InMemoryDocumentSource(), clock: { nowEpochMs: () => NOW } },
    );
    expect(verification).toMatchObject({ kind: 'verified' });
  });

  it.each(['', ' ', 'whsec_', '[]', '{}', '[{"id":"a","value":""}]'])(
    'opens to nobody when the secret is %j',
    async (text) => {
      await expect(send(name, text, genuine(name))).rejects.toThrow(UnusableSecretError);
    },
  );

  it('accepts no request with more than 5 secrets', async () => {
    const list = JSON.stringify(Array(6).fill({ id: 'a', value: secret }));
    await expect(send(name, list, genuine(name))).rejects.toThrow('its list has 6 items');
  });

  it('says nothing of secrets and signatures when it refuses', async () => {
    const sent = genuine(name);
    const signature = sent.headers[signatureHeader] ?? '';
    const refusal = JSON.stringify(await send(name, otherSecret, sent));
    expect(refusal).toContain('rejected');
    for (const hidden of [secret, otherSecret, signature, ...hexesIn(signature)]) {
      expect(refusal).not.toContain(hidden);
    }
  });

  it.each([
    ['neither headers nor a body', { headers: {}, body: '' }],
    ['bytes that are no text', { body: Buffer.from([0xff, 0xfe, 0x00]) }],
    ['an id that is far too long', { id: 'x'.repeat(100_000) }],
  ])('throws at nothing: %s', async (_what, changes) => {
    const sent = genuine(name);
    const headers = 'id' in changes ? withIds(sent.headers, changes.id) : sent.headers;
    const verification = await send(name, secret, { ...sent, headers, ...changes });
    // An id that is not signed and cannot be one is passed over.
    expect(verification.kind).toMatch('id' in changes ? /verified|rejected/ : /rejected/);
    expect(verification).not.toHaveProperty('deliveryId', 'x'.repeat(100_000));
  });

  if (timestampHeader !== null) {
    it('refuses a request with another timestamp than the one that was signed', async () => {
      const sent = genuine(name);
      const timestamp = sent.headers[timestampHeader] ?? '';
      // The last digit of the seconds.
      const at = name === 'box' ? 18 : (/\d{10,}/.exec(timestamp)?.index ?? 0) + 9;
      const digit = (Number(timestamp[at]) + 1) % 10;
      const headers = {
        ...sent.headers,
        [timestampHeader]: `${timestamp.slice(0, at)}${digit}${timestamp.slice(at + 1)}`,
      };
      expect(await send(name, secret, { ...sent, headers })).toMatchObject({ code: 'invalid-signature' });
    });

    it.each([
      '',
      'x',
      '-1',
      '1e9',
      '0x10',
      ' ',
      '1790000000abc',
      '1790000000.5',
      '1'.repeat(16),
      'NaN',
      '１２３',
    ])('does not read the timestamp %j', async (text) => {
      const sent = genuine(name);
      const value = timestampHeader === 'Stripe-Signature' ? `t=${text},v1=${'0'.repeat(64)}` : text;
      const headers = { ...sent.headers, [timestampHeader]: value };
      expect(await send(name, secret, { ...sent, headers })).toMatchObject({ code: 'timestamp-malformed' });
    });
  }
});

describe('senders with a signed timestamp', () => {
  it.each(TIMESTAMPED)(
    '%s may be as late and as early as the tolerance, and no more',
    async (name, { secret }) => {
      const unitMs = name === 'hubspot' || name === 'linear' ? 1 : 1000;
      const toleranceMs = TOLERANCE_SECONDS * 1000;
      const at = (nowEpochMs: number): Promise<Verification> => send(name, secret, genuine(name), nowEpochMs);
      expect(await at(NOW + toleranceMs)).toMatchObject({ kind: 'verified' });
      expect(await at(NOW - toleranceMs)).toMatchObject({ kind: 'verified' });
      expect(await at(NOW + toleranceMs + unitMs)).toMatchObject({ code: 'timestamp-too-old' });
      expect(await at(NOW - toleranceMs - unitMs)).toMatchObject({ code: 'timestamp-in-future' });
    },
  );

  it('are all but those that sign the body alone', () => {
    const without = ALL.filter((entry) => !TIMESTAMPED.includes(entry)).map(([name]) => name);
    expect(without.sort()).toEqual([
      ...['atlassian', 'dropbox', 'github', 'meta', 'pagerduty'],
      ...['shopify', 'square', 'trello', 'twilio', 'xero'],
    ]);
  });
});

describe('Standard Webhooks', () => {
  it.each(['a.b', '', 'ä', 'a b', 'a,b', 'x'.repeat(201)])('refuses the signed id %j', async (id) => {
    const { secret, bodyOf, headersOf } = WEBHOOK_SENDERS['standard-webhooks'];
    const facts = { body: bodyOf(ID, NOW), url: 'https://hooks.example/orders', nowEpochMs: NOW, id };
    const verification = await send('standard-webhooks', secret, { ...facts, headers: headersOf(facts) });
    expect(verification).toMatchObject({ code: 'delivery-id-malformed' });
  });

  it('finds the right one of several signatures, whatever the others are', async () => {
    const sent = genuine('standard-webhooks');
    const signature = sent.headers['svix-signature'] ?? '';
    const headers = { ...sent.headers, 'svix-signature': `v1a,AAAA v2,x v1,AAAA ${signature} garbage` };
    const { secret } = WEBHOOK_SENDERS['standard-webhooks'];
    expect(await send('standard-webhooks', secret, { ...sent, headers })).toMatchObject({ kind: 'verified' });
  });

  it('does not take a public key for a secret, or a secret for a public key', async () => {
    const symmetric = genuine('standard-webhooks');
    const ed25519 = genuine('standard-webhooks-ed25519');
    const publicKey = WEBHOOK_SENDERS['standard-webhooks-ed25519'].secret;
    // Anybody can sign with what is public.
    const bytes = `whsec_${publicKey.slice('whpk_'.length)}`;
    const forged = genuine('standard-webhooks', bytes);
    expect(await send('standard-webhooks-ed25519', publicKey, forged)).toMatchObject({ kind: 'rejected' });
    expect(await send('standard-webhooks-ed25519', publicKey, symmetric)).toMatchObject({ kind: 'rejected' });
    expect(
      await send('standard-webhooks', WEBHOOK_SENDERS['standard-webhooks'].secret, ed25519),
    ).toMatchObject({ kind: 'rejected' });
  });
});

describe('Box', () => {
  const sent = genuine('box');
  const { secret, otherSecret } = WEBHOOK_SENDERS.box;
  const primary = sent.headers['BOX-SIGNATURE-PRIMARY'] ?? '';

  it('is let in by the signature of either key, as while one of them is replaced', async () => {
    const headers = {
      ...sent.headers,
      'BOX-SIGNATURE-PRIMARY': 'AAAA',
      'BOX-SIGNATURE-SECONDARY': primary,
    };
    expect(await send('box', secret, { ...sent, headers })).toMatchObject({ kind: 'verified' });
    expect(await send('box', otherSecret, { ...sent, headers })).toMatchObject({ code: 'invalid-signature' });
  });

  it.each(['2026-09-21', '2026-09-21 14:13:20Z', '2026-02-30T14:13:20Z', '1790000000', 'now'])(
    'does not read the timestamp %j',
    async (text) => {
      const headers = { ...sent.headers, 'BOX-DELIVERY-TIMESTAMP': text };
      expect(await send('box', secret, { ...sent, headers })).toMatchObject({ code: 'timestamp-malformed' });
    },
  );
});

describe('GitHub', () => {
  it('does not take the older signature with SHA-1', async () => {
    const sent = genuine('github');
    const headers = { 'X-Hub-Signature': sent.headers['X-Hub-Signature'] ?? '' };
    const { secret } = WEBHOOK_SENDERS.github;
    expect(await send('github', secret, { ...sent, headers })).toMatchObject({ code: 'signature-missing' });
  });
});

function hexesIn(text: string): readonly string[] {
  return text.match(/[0-9a-f]{64}/g) ?? [];
}

function hexIn(text: string, index: number): string {
  return hexesIn(text)[index] ?? '';
}

/** Every header that holds the id of the delivery holds another one. */
function withIds(headers: Readonly<Record<string, string>>, id: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value === ID ? id : value]),
  );
}

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  CompiledHmac,
  CompiledWebhookProvider,
} from '../../../lib/compiled-config/compiled-verification.ts';
import {
  HUBSPOT_CONTENT,
  signedTemplate,
  TWILIO_CONTENT,
  type SignatureInputs,
  type SignedContent,
} from '../../../lib/verification/signed-content.ts';
import type { SignedParts } from '../../../lib/verification/signature-key.ts';
import type { Verification } from '../../../lib/verification/verification.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';

const text = (parts: SignedParts | null): string | null =>
  parts === null ? null : Buffer.concat(parts.map((part) => Buffer.from(part))).toString();

const facts = (body: string, contentType: string, url = 'https://hooks.example/a') => ({
  request: makeUnverifiedRequest({ body, url, headers: { 'content-type': contentType } }),
  url,
  timestampText: '007',
  id: 'id-1',
});

/** The first of the texts that may have been signed. */
function onlyVariant(content: SignedContent, inputs: SignatureInputs): SignedParts | null {
  return content.variants(inputs)[0] ?? null;
}

describe('a template of what is signed', () => {
  it.each([
    ['{body}', '{"a":1}'],
    ['{timestamp}.{body}', '007.{"a":1}'],
    ['v0:{timestamp}:{body}', 'v0:007:{"a":1}'],
    ['{id}.{timestamp}.{body}', 'id-1.007.{"a":1}'],
    ['{url}{body}', 'https://hooks.example/a{"a":1}'],
    ['{body}{timestamp}end', '{"a":1}007end'],
  ])('%s says %s', (template, expected) => {
    expect(text(onlyVariant(signedTemplate(template), facts('{"a":1}', 'application/json')))).toBe(expected);
  });

  it('does not look for placeholders in what it puts in', () => {
    expect(text(onlyVariant(signedTemplate('{id}.{body}'), facts('{timestamp}{body}', 'text/plain')))).toBe(
      'id-1.{timestamp}{body}',
    );
  });
});

describe("Twilio's form", () => {
  const signed = (body: string): string | null =>
    text(onlyVariant(TWILIO_CONTENT, facts(body, 'application/x-www-form-urlencoded; charset=UTF-8', 'u')));

  it('is signed decoded, sorted by name, each value once', () => {
    expect(signed('b=2&a=%2B1+x&b=1&b=2&%C3%A4=%E2%9C%93')).toBe('ua+1 xb1b2ä✓');
    expect(signed('')).toBe('u');
  });

  it('never throws, and says the same however its fields are ordered', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (fields) => {
        const encode = (list: readonly (readonly [string, string])[]): string =>
          list.map((pair) => pair.map((part) => encodeURIComponent(part)).join('=')).join('&');
        expect(signed(encode(fields))).toBe(signed(encode([...fields].reverse())));
      }),
    );
  });

  it('is nothing that bytes of another type can be', () => {
    expect(TWILIO_CONTENT.variants(facts('a=1', 'application/json'))).toEqual([]);
    expect(TWILIO_CONTENT.variants(facts('a=1', 'application/x-www-form-urlencodedx'))).toEqual([]);
    const url = `https://hooks.example/a?bodySHA256=${'0'.repeat(64)}`;
    expect(TWILIO_CONTENT.variants(facts('a=1', 'application/json', url))).toEqual([]);
  });
});

describe("Twilio's URL", () => {
  const urls = (url: string): readonly (string | null)[] =>
    TWILIO_CONTENT.variants(facts('', 'text/plain', url)).map(text);

  it('may be signed with or without the default port, as its own library checks it', () => {
    const both = ['https://hooks.example:443/a?b=1', 'https://hooks.example/a?b=1'];
    expect(urls('https://hooks.example/a?b=1')).toEqual(both);
    expect(urls('https://hooks.example:443/a?b=1')).toEqual(both);
    expect(urls('https://hooks.example:8443')).toEqual([
      'https://hooks.example:8443',
      'https://hooks.example',
    ]);
  });
});

describe("HubSpot's URL", () => {
  it('is signed with the escapes of its list undone, and no others', () => {
    const url = 'https://hooks.example/a?b=%3a%2F%3F%40%21%24%27%28%29%2A%2C%3B%20%26';
    expect(text(onlyVariant(HUBSPOT_CONTENT, facts('{}', 'application/json', url)))).toBe(
      "POSThttps://hooks.example/a?b=:/?@!$'()*,;%20%26{}007",
    );
  });
});

describe('a source behind another name', () => {
  const square: CompiledWebhookProvider = {
    scheme: 'webhook',
    provider: 'square',
    secret: 'hook',
    toleranceSeconds: 0,
    publicUrl: 'https://proxy.example/square',
  };
  const send = (signedUrl: string, requestUrl: string): Promise<Verification> =>
    verifyRequest(
      makeUnverifiedRequest({
        url: requestUrl,
        body: '{}',
        headers: {
          'x-square-hmacsha256-signature': createHmac('sha256', 'k')
            .update(`${signedUrl}{}`)
            .digest('base64'),
        },
      }),
      square,
      {
        secrets: new InMemorySecretSource({ hook: 'k' }),
        documents: new InMemoryDocumentSource(),
        clock: { nowEpochMs: () => 0 },
      },
    );

  it('verifies the URL that the sender was given, with the query of the request', async () => {
    const { publicUrl } = square;
    expect(await send(`${publicUrl ?? ''}?a=1`, 'https://api.example/x?a=1')).toMatchObject({
      kind: 'verified',
    });
    expect(await send(publicUrl ?? '', 'https://api.example/x')).toMatchObject({ kind: 'verified' });
    expect(await send(publicUrl ?? '', 'https://api.example/x?a=1')).toMatchObject({ kind: 'rejected' });
    expect(await send('https://api.example/x', 'https://api.example/x')).toMatchObject({ kind: 'rejected' });
  });
});

describe('a sender that is described', () => {
  const NOW = 1_790_000_000_000;
  const base: CompiledHmac = {
    scheme: 'hmac',
    secret: 'hook',
    header: 'x-signature',
    prefix: 'v1=',
    algorithm: 'sha512',
    encoding: 'base64url',
    keyText: 'base64',
    signed: '{id}:{timestamp}:{body}',
    timestamp: { header: 'x-time', unit: 'ms', toleranceSeconds: 10 },
    idHeader: 'x-id',
    publicUrl: null,
  };
  const key = Buffer.from('a key of bytes \0\xff', 'latin1');
  const send = (
    { id = 'a', time = String(NOW), body = '{}' }: { id?: string; time?: string; body?: string },
    hmac: CompiledHmac = base,
    content = `${id}:${time}:${body}`,
  ): Promise<Verification> =>
    verifyRequest(
      makeUnverifiedRequest({
        body,
        headers: {
          'X-Signature': `${hmac.prefix}${createHmac('sha512', key).update(content).digest('base64url')}`,
          'X-Time': time,
          'X-Id': id,
        },
      }),
      hmac,
      {
        secrets: new InMemorySecretSource({ hook: key.toString('base64') }),
        documents: new InMemoryDocumentSource(),
        clock: { nowEpochMs: () => NOW },
      },
    );

  it('is verified, and its signed id names the delivery', async () => {
    expect(await send({})).toEqual({ kind: 'verified', caller: 'secret', deliveryId: 'a' });
  });

  it('may not put into its id what stands between the parts', async () => {
    expect(await send({ id: 'a:1' })).toMatchObject({ code: 'delivery-id-malformed' });
    expect(await send({ id: 'a.1' })).toMatchObject({ kind: 'verified', deliveryId: 'a.1' });
  });

  it('may be 10 seconds late or early, to the millisecond', async () => {
    expect(await send({ time: String(NOW - 10_000) })).toMatchObject({ kind: 'verified' });
    expect(await send({ time: String(NOW + 10_000) })).toMatchObject({ kind: 'verified' });
    expect(await send({ time: String(NOW - 10_001) })).toMatchObject({ code: 'timestamp-too-old' });
    expect(await send({ time: String(NOW + 10_001) })).toMatchObject({ code: 'timestamp-in-future' });
  });

  it('has the received text of its timestamp signed, not the number', async () => {
    expect(await send({ time: `0${NOW}` })).toMatchObject({ kind: 'verified' });
    expect(await send({ time: `0${NOW}` }, base, `a:${NOW}:{}`)).toMatchObject({ code: 'invalid-signature' });
  });

  it('takes an id that is not signed for the name of the delivery, as far as it can be one', async () => {
    const unsigned: CompiledHmac = { ...base, signed: '{body}', timestamp: null };
    expect(await send({ id: 'a:1' }, unsigned, '{}')).toMatchObject({ deliveryId: 'a:1' });
    expect(await send({ id: 'a,b' }, unsigned, '{}')).not.toHaveProperty('deliveryId');
  });
});

import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { UnusableSecretError } from '../../../lib/verification/unusable-secret-error.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';

const NOW_SECONDS = 1_790_000_000;
const SECRET = '0123456789abcdef0123456789abcdef';
const URL_OF_ENDPOINT = 'https://hooks.example/orders';

/** https://developer.monday.com/apps/docs/authorization-header, "JWT contents" */
const CLAIMS = {
  accountId: 1825529,
  userId: 4012689,
  aud: URL_OF_ENDPOINT,
  exp: NOW_SECONDS + 300,
  iat: NOW_SECONDS,
};

function tokenOf(claims: Readonly<Record<string, unknown>> = {}, secret = SECRET): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(Buffer.from(secret));
}

/** A token with any header, signed by hand. */
function handmade(header: object, secret: string = SECRET): string {
  const [head, body] = [header, CLAIMS].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signed = `${head ?? ''}.${body ?? ''}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function send(authorization: string | null, secret = SECRET, publicUrl: string | null = null) {
  return verifyRequest(
    makeUnverifiedRequest({
      url: `${URL_OF_ENDPOINT}?board=1`,
      body: '{"event":{}}',
      headers: authorization === null ? {} : { Authorization: authorization },
    }),
    { scheme: 'monday', secret: 'hook', publicUrl },
    {
      secrets: new InMemorySecretSource({ hook: secret }),
      documents: new InMemoryDocumentSource(),
      clock: { nowEpochMs: () => NOW_SECONDS * 1000 },
    },
  );
}

describe('a webhook of monday.com', () => {
  it('is let in by its JWT, with or without Bearer in front', async () => {
    expect(await send(await tokenOf())).toEqual({ kind: 'verified', caller: 'secret' });
    expect(await send(`Bearer ${await tokenOf()}`)).toMatchObject({ kind: 'verified' });
  });

  it('is for the URL of the endpoint, or the one that was entered there', async () => {
    const other = await tokenOf({ aud: 'https://proxy.example/hook' });
    expect(await send(other)).toMatchObject({ code: 'invalid-credentials' });
    expect(await send(other, SECRET, 'https://proxy.example/hook')).toMatchObject({ kind: 'verified' });
    expect(await send(await tokenOf({ aud: `${URL_OF_ENDPOINT}?board=1` }))).toMatchObject({
      kind: 'verified',
    });
  });

  it('knows each of two secrets, by its id', async () => {
    const list = JSON.stringify([
      { id: 'old', value: SECRET },
      { id: 'new', value: `${SECRET}new` },
    ]);
    expect(await send(await tokenOf(), list)).toMatchObject({ caller: 'old' });
    expect(await send(await tokenOf({}, `${SECRET}new`), list)).toMatchObject({ caller: 'new' });
  });

  it('is refused with another secret, too late, without an expiry, or with another algorithm', async () => {
    const refused = [
      await tokenOf({}, `${SECRET}x`),
      await tokenOf({ exp: NOW_SECONDS - 61 }),
      await tokenOf({ exp: undefined }),
      await tokenOf({ aud: undefined }),
      handmade({ alg: 'none' }),
      handmade({ alg: 'HS512' }),
      handmade({}),
    ];
    for (const token of refused) expect(await send(token)).toMatchObject({ code: 'invalid-credentials' });
  });

  it.each([
    null,
    '',
    'Bearer',
    'a.b',
    'a.b.c.d',
    'a.b.',
    '..',
    'Basic a.b.c',
    'a.b.c, a.b.c',
    'x'.repeat(100_000),
  ])('is refused without a JWT: %j', async (authorization) => {
    expect(await send(authorization)).toMatchObject({ kind: 'rejected', code: 'credentials-missing' });
  });

  it('opens to no one when the secret is empty', async () => {
    await expect(send(await tokenOf(), '')).rejects.toThrow(UnusableSecretError);
  });
});

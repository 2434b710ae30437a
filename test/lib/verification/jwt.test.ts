import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CompiledJwt } from '../../../lib/compiled-config/compiled-verification.ts';
import { DocumentUnavailableError } from '../../../lib/unavailable-error.ts';
import { UnusableKeyError } from '../../../lib/verification/jwt.ts';
import type { Verification } from '../../../lib/verification/verification.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';

const NOW = Date.UTC(2026, 8, 21, 14, 13, 20);
const NOW_SECONDS = NOW / 1000;
const JWKS_URL = 'https://issuer.example/keys';

const config: CompiledJwt = {
  scheme: 'jwt',
  issuer: 'https://issuer.example',
  audience: ['https://hooks.example', 'sluice'],
  jwksUrl: JWKS_URL,
  claims: { email: 'push@example.com' },
};

interface IssuerKey {
  readonly jwk: JWK;
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
}

async function makeKey(algorithm: string, kid: string): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm }, privateKey };
}

let rsa: IssuerKey;
let ec: IssuerKey;

beforeAll(async () => {
  [rsa, ec] = await Promise.all([makeKey('RS256', 'one'), makeKey('ES256', 'two')]);
});

const claims = {
  iss: 'https://issuer.example',
  aud: 'sluice',
  sub: 'service-account',
  email: 'push@example.com',
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 300,
};

const token = (
  { privateKey, jwk }: IssuerKey,
  overrides: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  new SignJWT({ ...claims, ...overrides })
    .setProtectedHeader({ alg: jwk.alg ?? '', ...(jwk.kid !== undefined && { kid: jwk.kid }), ...header })
    .sign(privateKey);

const keySet = (...keys: readonly IssuerKey[]): string =>
  JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });

const send = (
  bearer: string,
  documents = new InMemoryDocumentSource({ [JWKS_URL]: keySet(rsa, ec) }),
): Promise<Verification> =>
  verifyRequest(makeUnverifiedRequest({ headers: { authorization: `Bearer ${bearer}` } }), config, {
    secrets: new InMemorySecretSource({}),
    documents,
    clock: { nowEpochMs: () => NOW },
  });

describe('a JWT', () => {
  it('of the issuer, for us, and with the claims that are asked for is let in', async () => {
    expect(await send(await token(rsa))).toEqual({ kind: 'verified', caller: 'service-account' });
    const ed25519 = await makeKey('Ed25519', 'three');
    const documents = new InMemoryDocumentSource({ [JWKS_URL]: keySet(ed25519) });
    expect(await send(await token(ed25519), documents)).toMatchObject({ kind: 'verified' });
    expect(await send(await token(ec, { aud: ['x', 'https://hooks.example'] }))).toMatchObject({
      kind: 'verified',
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['of another issuer', { iss: 'https://issuer.example/' }],
    ['for somebody else', { aud: 'other' }],
    ['for nobody', { aud: undefined }],
    ['that is over', { exp: NOW_SECONDS - 61 }],
    ['that never ends', { exp: undefined }],
    ['that is not good yet', { nbf: NOW_SECONDS + 61 }],
    ['of another account', { email: 'other@example.com' }],
    ['of an account that is no text', { email: ['push@example.com'] }],
    ['of no account', { email: undefined }],
  ])('%s is refused', async (_what, overrides) => {
    expect(await send(await token(rsa, overrides))).toMatchObject({ code: 'invalid-credentials' });
  });

  it('may be a minute late for clocks that differ', async () => {
    expect(await send(await token(rsa, { exp: NOW_SECONDS - 59 }))).toMatchObject({ kind: 'verified' });
    expect(await send(await token(rsa, { nbf: NOW_SECONDS + 59 }))).toMatchObject({ kind: 'verified' });
  });

  it('is refused when any part of it is another', async () => {
    const genuine = await token(rsa);
    const [header = '', payload = '', signature = ''] = genuine.split('.');
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
    const parts = [
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      'x',
      `${genuine}.`,
    ];
    for (const part of parts) expect(await send(part)).toMatchObject({ kind: 'rejected' });
  });

  it('is refused without a signature, and with one that can be made from the public key', async () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${encode({ alg: 'none' })}.${encode(claims)}.`;
    expect(await send(unsigned)).toMatchObject({ code: 'invalid-credentials' });
    const symmetric = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(Buffer.from(JSON.stringify(rsa.jwk)));
    expect(await send(symmetric)).toMatchObject({ code: 'invalid-credentials' });
  });

  it('says nothing of itself when it is refused', async () => {
    const verification = await send(await token(rsa, { sub: 'hunter2', aud: 'hunter2', exp: 5 }));
    expect(JSON.stringify(verification)).not.toContain('hunter2');
    expect(verification).toMatchObject({
      detail: 'The JWT is not accepted: ERR_JWT_CLAIM_VALIDATION_FAILED.',
    });
  });

  it('is read from one header, once', async () => {
    const genuine = await token(rsa);
    expect(await send(`${genuine},Bearer ${genuine}`)).toMatchObject({ code: 'credentials-missing' });
  });
});

describe('the keys of an issuer', () => {
  it('are fetched anew, once, for a key that is not known', async () => {
    const documents = new InMemoryDocumentSource({ [JWKS_URL]: keySet(rsa) });
    documents.replace(JWKS_URL, keySet(ec));
    expect(await send(await token(ec), documents)).toMatchObject({ kind: 'verified' });
    expect(documents.reads.map(({ refresh }) => refresh)).toEqual([false, true]);
  });

  it('do not accept a token of an unknown key', async () => {
    const documents = new InMemoryDocumentSource({ [JWKS_URL]: keySet(rsa) });
    const stranger = await makeKey('RS256', 'stranger');
    expect(await send(await token(stranger), documents)).toMatchObject({ code: 'invalid-credentials' });
    const namesake = await makeKey('RS256', 'one');
    expect(await send(await token(namesake), documents)).toMatchObject({ code: 'invalid-credentials' });
  });

  it.each<[string, (key: IssuerKey) => JWK]>([
    ['broken', ({ jwk }) => ({ ...jwk, n: '!' })],
    ['without its modulus', ({ jwk }) => ({ kty: 'RSA', kid: jwk.kid ?? '', alg: 'RS256', e: 'AQAB' })],
    ['too short', ({ jwk }) => ({ ...jwk, n: Buffer.alloc(64, 0xff).toString('base64url') })],
  ])(
    'with a key that is %s refuse tokens that name it, warn of it, and verify others',
    async (_what, breakKey) => {
      const keys = JSON.stringify({ keys: [breakKey(rsa), ec.jwk] });
      const documents = new InMemoryDocumentSource({ [JWKS_URL]: keys });
      expect(await send(await token(rsa), documents)).toMatchObject({
        kind: 'rejected',
        code: 'invalid-credentials',
        operatorWarning: expect.any(UnusableKeyError) as unknown,
      });
      expect(await send(await token(ec), documents)).toMatchObject({ kind: 'verified' });
    },
  );

  it.each(['', 'hello', '[]', '{"keys":{}}', '{"keys":[5]}'])(
    'are out of reach when they are %j',
    async (text) => {
      const documents = new InMemoryDocumentSource({ [JWKS_URL]: text });
      await expect(send(await token(rsa), documents)).rejects.toThrow(DocumentUnavailableError);
    },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnusableSecretError } from '../../../lib/verification/unusable-secret-error.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import type { Verification } from '../../../lib/verification/verification.ts';
import { SecretUnavailableError } from '../../../lib/unavailable-error.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';

const NOW = Date.UTC(2026, 0, 15);
const clock = { nowEpochMs: () => NOW };
const documents = new InMemoryDocumentSource();

function verifyBearer(
  authorization: string | undefined,
  secrets: InMemorySecretSource,
): Promise<Verification> {
  const request = makeUnverifiedRequest({ headers: authorization === undefined ? {} : { authorization } });
  return verifyRequest(request, { scheme: 'bearer', secret: 'hook' }, { secrets, documents, clock });
}

const holding = (text: string): InMemorySecretSource => new InMemorySecretSource({ hook: text });
const visible = fc.stringMatching(/^[\x21-\x7e]{1,30}$/).filter((token) => !/^[[{]/.test(token));

describe('a source with bearer tokens', () => {
  it('accepts the token, and refuses any other', async () => {
    await fc.assert(
      fc.asyncProperty(visible, visible, async (token, presented) => {
        const verification = await verifyBearer(`Bearer ${presented}`, holding(token));
        expect(verification.kind).toBe(token === presented ? 'verified' : 'rejected');
      }),
    );
  });

  it.each(['Bearer s3cret', 'bearer s3cret', 'BEARER   s3cret', ' Bearer s3cret '])(
    'reads %j',
    async (header) => {
      expect(await verifyBearer(header, holding('s3cret'))).toEqual({ kind: 'verified', caller: 'token' });
    },
  );

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    's3cret',
    'Basic s3cret',
    'Bearer s3cret,Bearer s3cret',
    'Bearers3cret',
  ])('answers 401 to the header %j without reading the secret', async (header) => {
    const secrets = holding('s3cret');
    const verification = await verifyBearer(header, secrets);
    expect(verification).toMatchObject({ kind: 'rejected', code: 'credentials-missing' });
    expect(secrets.reads).toEqual([]);
  });

  it.each(['Bearer s3cre', 'Bearer s3cret2', 'Bearer S3CRET', 'Bearer "s3cret"'])(
    'answers 401 to %j after it has read the secret anew, once',
    async (header) => {
      const secrets = holding('s3cret');
      const verification = await verifyBearer(header, secrets);
      expect(verification).toMatchObject({ kind: 'rejected', code: 'invalid-credentials' });
      expect(secrets.reads.map(({ refresh }) => refresh)).toEqual([false, true]);
    },
  );

  it('knows a token that came with a rotation', async () => {
    const secrets = holding('old');
    secrets.rotate('hook', 'new');
    expect(await verifyBearer('Bearer new', secrets)).toMatchObject({ kind: 'verified' });
    expect(await verifyBearer('Bearer old', secrets)).toMatchObject({ kind: 'rejected' });
  });

  it('takes each of several tokens from its notBefore until its notAfter, and names it', async () => {
    const at = (epochMs: number): string => new Date(epochMs).toISOString();
    const secrets = holding(
      JSON.stringify([
        { id: 'over', value: 'a', notAfter: at(NOW) },
        { id: 'last-moment', value: 'b', notAfter: at(NOW + 1) },
        { id: 'first-moment', value: 'c', notBefore: at(NOW) },
        { id: 'early', value: 'd', notBefore: at(NOW + 1) },
      ]),
    );
    const callers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((token) => verifyBearer(`Bearer ${token}`, secrets)),
    );
    expect(callers).toMatchObject([
      { kind: 'rejected' },
      { kind: 'verified', caller: 'last-moment' },
      { kind: 'verified', caller: 'first-moment' },
      { kind: 'rejected' },
    ]);
  });

  it.each(['', '[]', '{"token":"x"}', '[{"id":"a","value":"x","notAfter":"2026-01-01T00:00:00Z"}]'])(
    'opens to nobody when the secret is %j',
    async (text) => {
      await expect(verifyBearer('Bearer x', holding(text))).rejects.toThrow(UnusableSecretError);
    },
  );

  it('accepts requests again as soon as an unusable secret is fixed', async () => {
    const secrets = holding('');
    secrets.rotate('hook', 'x');
    expect(await verifyBearer('Bearer x', secrets)).toMatchObject({ kind: 'verified' });
  });

  it('rejects no request when the secret cannot be read', async () => {
    await expect(verifyBearer('Bearer x', new InMemorySecretSource({}))).rejects.toThrow(
      SecretUnavailableError,
    );
  });
});

describe('a source with user names and passwords', () => {
  const verify = (authorization: string, secret: string): Promise<Verification> =>
    verifyRequest(
      makeUnverifiedRequest({ headers: { authorization } }),
      { scheme: 'basic', secret: 'hook' },
      { secrets: holding(secret), documents, clock },
    );
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  it('accepts the right user and password, and refuses all others', async () => {
    const users = JSON.stringify([
      { id: 'shop', value: 'shop:pass:wörd' },
      { id: 'bank', value: 'bank:p' },
    ]);
    expect(await verify(basic('shop:pass:wörd'), users)).toEqual({ kind: 'verified', caller: 'shop' });
    expect(await verify(basic('bank:p'), users)).toEqual({ kind: 'verified', caller: 'bank' });
    for (const wrong of ['shop:p', 'shop', ':', 'shop:', 'bank:p ', '']) {
      expect(await verify(basic(wrong), users)).toMatchObject({ kind: 'rejected' });
    }
  });

  it.each(['Basic', 'Basic !!!!', 'Basic c2hvcDpw=', 'Bearer c2hvcDpw', 'Basic c2hvcDpw,Basic c2hvcDpw'])(
    'does not read %j, and says how to send credentials',
    async (header) => {
      expect(await verify(header, 'shop:p')).toMatchObject({
        code: 'credentials-missing',
        challenge: 'Basic realm="events", charset="UTF-8"',
      });
    },
  );

  it.each(['shop', ':p', 'shop:', ''])('opens to nobody when the secret is %j', async (text) => {
    await expect(verify(basic('shop:p'), text)).rejects.toThrow(UnusableSecretError);
  });
});

describe('a source with keys in a header', () => {
  const verify = (headers: Readonly<Record<string, string>>): Promise<Verification> =>
    verifyRequest(
      makeUnverifiedRequest({ headers }),
      { scheme: 'api-key', secret: 'hook', header: 'x-api-key' },
      { secrets: holding('k3y'), documents, clock },
    );

  it('accepts the key', async () => {
    expect(await verify({ 'X-API-Key': ' k3y ' })).toEqual({ kind: 'verified', caller: 'key' });
  });

  it.each([
    {},
    { 'x-api-key': '' },
    { 'x-api-key': 'k3' },
    { 'x-api-key': 'k3y,k3y' },
    { authorization: 'k3y' },
  ])('refuses %j', async (headers) => {
    expect(await verify(headers)).toMatchObject({ kind: 'rejected' });
  });
});

describe('GitLab with a secret token', () => {
  const verify = (headers: Readonly<Record<string, string>>): Promise<Verification> =>
    verifyRequest(
      makeUnverifiedRequest({ headers }),
      { scheme: 'gitlab-token', secret: 'hook' },
      { secrets: holding('t0ken'), documents, clock },
    );

  it('compares the token, and takes the idempotency key for the id of the delivery', async () => {
    const headers = {
      'X-Gitlab-Token': 't0ken',
      'Idempotency-Key': 'f5e5f430',
      'X-Gitlab-Event-UUID': 'shared',
    };
    expect(await verify(headers)).toMatchObject({ kind: 'verified', deliveryId: 'f5e5f430' });
    expect(await verify({ 'x-gitlab-token': 'T0ken' })).toMatchObject({ kind: 'rejected' });
    expect(await verify({})).toMatchObject({ kind: 'rejected', code: 'credentials-missing' });
  });

  it('takes no id from versions that send none', async () => {
    const verification = await verify({ 'X-Gitlab-Token': 't0ken', 'X-Gitlab-Event-UUID': 'shared' });
    expect(verification).not.toHaveProperty('deliveryId');
  });
});

describe('a source with client certificates', () => {
  const ports = { secrets: new InMemorySecretSource({}), documents, clock };
  const verify = (subjectDn: string | null, subjects: readonly string[] | null): Promise<Verification> =>
    verifyRequest(
      makeUnverifiedRequest(subjectDn === null ? {} : { subjectDn }),
      { scheme: 'mtls', subjects },
      ports,
    );

  it('refuses what came past the domain that asks for certificates', async () => {
    expect(await verify(null, null)).toMatchObject({ code: 'client-certificate-missing' });
  });

  it('lets in whom the trust store trusts, or the subjects alone', async () => {
    expect(await verify('CN=shop', null)).toEqual({ kind: 'verified', caller: 'CN=shop' });
    expect(await verify('CN=shop', ['CN=shop'])).toMatchObject({ kind: 'verified' });
    expect(await verify('CN=shop2', ['CN=shop'])).toMatchObject({ code: 'client-certificate-not-allowed' });
  });
});

describe('the other schemes', () => {
  const ports = { secrets: new InMemorySecretSource({}), documents, clock };
  const request = makeUnverifiedRequest({ headers: { authorization: 'Bearer x' } });
  const arn = 'arn:aws:iam::123456789012:role/sender';

  it('iam lets in whom API Gateway has let in', async () => {
    expect(await verifyRequest({ ...request, iamCallerArn: arn }, { scheme: 'iam' }, ports)).toEqual({
      kind: 'verified',
      caller: arn,
    });
  });

  it('iam refuses a request that API Gateway did not authorize', async () => {
    expect(await verifyRequest(request, { scheme: 'iam' }, ports)).toMatchObject({
      kind: 'rejected',
    });
  });

  it('none lets in everybody', async () => {
    expect(await verifyRequest(request, { scheme: 'none' }, ports)).toEqual({
      kind: 'verified',
      caller: null,
    });
  });
});

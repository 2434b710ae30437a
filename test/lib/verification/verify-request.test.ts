import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnusableSecretError } from '../../../lib/verification/unusable-secret-error.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import type { Verification } from '../../../lib/verification/verification.ts';
import { SecretUnavailableError } from '../../../lib/unavailable-error.ts';
import { InMemorySecretSource } from '../../support/in-memory-secret-source.ts';

const NOW = Date.UTC(2026, 0, 15);
const clock = { nowEpochMs: () => NOW };

function verifyBearer(
  authorization: string | undefined,
  secrets: InMemorySecretSource,
): Promise<Verification> {
  const headers = new Map(authorization === undefined ? [] : [['authorization', authorization]]);
  const request = { headers, unverifiedBody: new Uint8Array(), iamCallerArn: null };
  return verifyRequest(request, { scheme: 'bearer', secret: 'hook' }, { secrets, clock });
}

const holding = (text: string): InMemorySecretSource => new InMemorySecretSource({ hook: text });
const visible = fc.stringMatching(/^[\x21-\x7e]{1,30}$/).filter((token) => !/^[[{]/.test(token));

describe('a source with bearer tokens', () => {
  it('lets in whoever has the token, and nobody with another one', async () => {
    await fc.assert(
      fc.asyncProperty(visible, visible, async (token, presented) => {
        const verification = await verifyBearer(`Bearer ${presented}`, holding(token));
        expect(verification.kind).toBe(token === presented ? 'verified' : 'refused');
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
    expect(verification).toMatchObject({ kind: 'refused', status: 401, code: 'credentials-missing' });
    expect(secrets.reads).toEqual([]);
  });

  it.each(['Bearer s3cre', 'Bearer s3cret2', 'Bearer S3CRET', 'Bearer "s3cret"'])(
    'answers 401 to %j after it has read the secret anew, once',
    async (header) => {
      const secrets = holding('s3cret');
      const verification = await verifyBearer(header, secrets);
      expect(verification).toMatchObject({ kind: 'refused', status: 401, code: 'credentials-wrong' });
      expect(secrets.reads.map(({ refresh }) => refresh)).toEqual([false, true]);
    },
  );

  it('knows a token that came with a rotation', async () => {
    const secrets = holding('old');
    secrets.rotate('hook', 'new');
    expect(await verifyBearer('Bearer new', secrets)).toMatchObject({ kind: 'verified' });
    expect(await verifyBearer('Bearer old', secrets)).toMatchObject({ kind: 'refused' });
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
      { kind: 'refused' },
      { kind: 'verified', caller: 'last-moment' },
      { kind: 'verified', caller: 'first-moment' },
      { kind: 'refused' },
    ]);
  });

  it.each(['', '[]', '{"token":"x"}', '[{"id":"a","value":"x","notAfter":"2026-01-01T00:00:00Z"}]'])(
    'opens to nobody when the secret is %j',
    async (text) => {
      await expect(verifyBearer('Bearer x', holding(text))).rejects.toThrow(UnusableSecretError);
    },
  );

  it('opens again as soon as an unusable secret is mended', async () => {
    const secrets = holding('');
    secrets.rotate('hook', 'x');
    expect(await verifyBearer('Bearer x', secrets)).toMatchObject({ kind: 'verified' });
  });

  it('takes nobody for a stranger when the secret cannot be read', async () => {
    await expect(verifyBearer('Bearer x', new InMemorySecretSource({}))).rejects.toThrow(
      SecretUnavailableError,
    );
  });
});

describe('the other schemes', () => {
  const ports = { secrets: new InMemorySecretSource({}), clock };
  const request = {
    headers: new Map([['authorization', 'Bearer x']]),
    unverifiedBody: new Uint8Array(),
    iamCallerArn: null,
  };
  const arn = 'arn:aws:iam::123456789012:role/sender';

  it('iam lets in whom API Gateway has let in', async () => {
    expect(await verifyRequest({ ...request, iamCallerArn: arn }, { scheme: 'iam' }, ports)).toEqual({
      kind: 'verified',
      caller: arn,
    });
  });

  it('iam lets in nobody when API Gateway did not ask', async () => {
    expect(await verifyRequest(request, { scheme: 'iam' }, ports)).toMatchObject({
      kind: 'refused',
      status: 403,
    });
  });

  it('none lets in everybody', async () => {
    expect(await verifyRequest(request, { scheme: 'none' }, ports)).toEqual({
      kind: 'verified',
      caller: null,
    });
  });
});

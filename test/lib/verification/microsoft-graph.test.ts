import { describe, expect, it } from 'vitest';
import { UnusableSecretError } from '../../../lib/verification/unusable-secret-error.ts';
import { verifyRequest } from '../../../lib/verification/verify-request.ts';
import { makeUnverifiedRequest } from '../../support/builders/make-unverified-request.ts';
import { InMemoryDocumentSource } from '../../support/fakes/in-memory-document-source.ts';
import { InMemorySecretSource } from '../../support/fakes/in-memory-secret-source.ts';

const STATE = 'secretClientState';

function send(body: string | Uint8Array, secret = STATE) {
  return verifyRequest(
    makeUnverifiedRequest({ body }),
    { scheme: 'microsoft-graph', secret: 'hook' },
    {
      secrets: new InMemorySecretSource({ hook: secret }),
      documents: new InMemoryDocumentSource(),
      clock: { nowEpochMs: () => 1_790_000_000_000 },
    },
  );
}

const notifications = (...states: readonly unknown[]): string =>
  JSON.stringify({
    value: states.map((clientState, index) => ({
      subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
      clientState,
      changeType: 'updated',
      resource: `me/messages/${index}`,
    })),
  });

describe('a change notification of Microsoft Graph', () => {
  it('is let in by its clientState, and is a delivery of its own', async () => {
    expect(await send(notifications(STATE, STATE))).toEqual({
      kind: 'verified',
      caller: 'clientState',
      repeatsBodies: true,
    });
  });

  it('is refused as a whole if one of several has another state', async () => {
    expect(await send(notifications(STATE, 'guess'))).toMatchObject({ code: 'invalid-credentials' });
    expect(await send(notifications('a', 'b', 'c', 'd', 'e', STATE))).toMatchObject({
      code: 'invalid-credentials',
    });
  });

  it.each([
    '',
    '{',
    '[]',
    '{"value":[]}',
    '{"value":{}}',
    '{"value":[1]}',
    notifications(STATE, null),
    notifications(STATE, undefined),
    notifications([STATE]),
    `{"clientState":"${STATE}"}`,
    `{"value":[{"__proto__":{"clientState":"${STATE}"}}]}`,
    '['.repeat(100_000),
  ])('without a state is refused: %.40s', async (body) => {
    expect(await send(body)).toMatchObject({ kind: 'rejected', code: 'credentials-missing' });
  });

  it('opens to no one when the secret is empty', async () => {
    await expect(send(notifications(''), '')).rejects.toThrow(UnusableSecretError);
  });

  it('says nothing of the state when it refuses', async () => {
    expect(JSON.stringify(await send(notifications('guess')))).not.toMatch(/secretClientState|guess/);
  });
});

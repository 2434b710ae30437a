/** Bearer tokens (RFC 6750, section 2.1) against a secret that may hold several. */
import { hash, timingSafeEqual } from 'node:crypto';
import { readTokenSecret, type Token } from './token-secret.ts';
import { UnusableSecretError } from './unusable-secret-error.ts';
import type { Verification, VerificationPorts } from './verification.ts';

/** The scheme's name is case-insensitive (RFC 9110, section 11.1). Joined duplicates hold a space and do not match. */
const BEARER = /^bearer +([\x21-\x7e]+)$/i;

/**
 * On a miss the secret is read anew once, since it may have been rotated; the secret source limits how often
 * that reaches AWS, so that guessing does not.
 * @throws UnusableSecretError when no token of the secret is good at this time.
 * @throws SecretUnavailableError
 */
export async function verifyBearerToken(
  authorization: string | undefined,
  secretId: string,
  { secrets, clock }: VerificationPorts,
): Promise<Verification> {
  const presented = BEARER.exec(authorization?.trim() ?? '')?.[1];
  if (presented === undefined) {
    return {
      kind: 'refused',
      status: 401,
      code: 'credentials-missing',
      detail: 'Send the header Authorization: Bearer <token>, once.',
    };
  }
  const atHand = await readActiveTokens(secretId, false, { secrets, clock });
  const match =
    matchingToken(presented, atHand) ??
    matchingToken(presented, await readActiveTokens(secretId, true, { secrets, clock }));
  if (match !== undefined) return { kind: 'verified', caller: match.id };
  return {
    kind: 'refused',
    status: 401,
    code: 'credentials-wrong',
    detail: 'The bearer token is not one of those that are valid now.',
  };
}

/** A cached secret without a good token may be mended by now, so only one that was read anew is unusable. */
async function readActiveTokens(
  secretId: string,
  refresh: boolean,
  { secrets, clock }: VerificationPorts,
): Promise<readonly Token[]> {
  const secret = readTokenSecret(await secrets.readSecret(secretId, refresh));
  const nowEpochMs = clock.nowEpochMs();
  const active =
    secret.kind === 'unusable'
      ? []
      : secret.tokens.filter(
          ({ notBeforeEpochMs, notAfterEpochMs }) =>
            notBeforeEpochMs <= nowEpochMs && nowEpochMs < notAfterEpochMs,
        );
  if (active.length === 0 && refresh) {
    const detail = secret.kind === 'unusable' ? secret.detail : 'none of its tokens is valid at this time';
    throw new UnusableSecretError(secretId, detail);
  }
  return active;
}

/** Digests have one length, and every token is compared: the time tells neither length nor place. */
function matchingToken(presented: string, tokens: readonly Token[]): Token | undefined {
  const digest = sha256(presented);
  let match: Token | undefined;
  for (const token of tokens) {
    if (timingSafeEqual(digest, sha256(token.value))) match = token;
  }
  return match;
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

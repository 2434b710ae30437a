/** Secrets that are sent as they are: bearer tokens, API keys, user names with passwords. */
import { hash, timingSafeEqual } from 'node:crypto';
import { findActiveSecret } from './active-secret.ts';
import type { SecretKind } from './secret-list.ts';
import type { Verification, VerificationPorts } from './verification.ts';

/** How a client presents it, in the words of the answer to those who do not. */
export interface TokenScheme {
  readonly kind: SecretKind<Buffer>;
  /** The mend, as an imperative. */
  readonly mend: string;
  readonly challenge: string;
}

/** Visible ASCII, as RFC 6750 has it, and no space: what a client can send in any header. */
export const TOKEN: SecretKind<Buffer> = {
  noun: 'token',
  shape: 'visible ASCII characters',
  maxSecrets: 100,
  keyOf: (value) => (/^[\x21-\x7e]+$/.test(value) ? sha256(value) : null),
};

/** RFC 7617: the user name has no colon; both may hold whatever UTF-8 can say but control characters. */
export const USER_AND_PASSWORD: SecretKind<Buffer> = {
  noun: 'user',
  shape: 'a user name, a colon and a password, as in user:password',
  maxSecrets: 100,
  keyOf: (value) => (/^[^:\p{Cc}]+:\P{Cc}+$/u.test(value) ? sha256(value) : null),
};

/**
 * Digests have one length, and every token is compared: the time tells neither length nor place.
 * @throws UnusableSecretError, SecretUnavailableError
 */
export async function verifyToken(
  presented: string | undefined,
  secretId: string,
  { kind, mend, challenge }: TokenScheme,
  ports: VerificationPorts,
): Promise<Verification> {
  if (presented === undefined) {
    return { kind: 'refused', status: 401, code: 'credentials-missing', detail: mend, challenge };
  }
  const digest = sha256(presented);
  const secret = await findActiveSecret(secretId, kind, ports, (key) => timingSafeEqual(digest, key));
  if (secret !== null) return { kind: 'verified', caller: secret.id };
  const detail = `The ${kind.noun} is not one of those that are valid now.`;
  return { kind: 'refused', status: 401, code: 'credentials-wrong', detail, challenge };
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

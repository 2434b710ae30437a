/** Secrets that are sent as they are: bearer tokens, API keys, user names with passwords. */
import { hash, timingSafeEqual } from 'node:crypto';
import { findActiveSecret } from './active-secret.ts';
import type { Secret, SecretKind } from './secret-list.ts';
import { rejectRequest, type Verification, type VerificationPorts } from './verification.ts';

/** How a client presents a token, and the rejections for a missing and a wrong one. */
export interface TokenScheme {
  readonly kind: SecretKind<Buffer>;
  /** What to send, as an imperative. */
  readonly hint: string;
  readonly challenge: string;
}

/** Visible ASCII without spaces, as RFC 6750 has it: what a client can send in any header. */
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
 * Compare digests, which have one length, and compare every token: the time reveals neither the length of a token nor
 * its place in the list.
 * @throws UnusableSecretError, SecretUnavailableError
 */
export function findToken(
  presented: string,
  secretId: string,
  kind: SecretKind<Buffer>,
  ports: Pick<VerificationPorts, 'secrets' | 'clock'>,
): Promise<Secret<Buffer> | null> {
  const digest = sha256(presented);
  return findActiveSecret(secretId, kind, ports, (key) => timingSafeEqual(digest, key));
}

/** @throws UnusableSecretError, SecretUnavailableError */
export async function verifyToken(
  presented: string | undefined,
  secretId: string,
  { kind, hint, challenge }: TokenScheme,
  ports: VerificationPorts,
): Promise<Verification> {
  if (presented === undefined) return rejectRequest('credentials-missing', hint, challenge);
  const secret = await findToken(presented, secretId, kind, ports);
  if (secret !== null) return { kind: 'verified', caller: secret.id };
  const detail = `The ${kind.noun} is not one of those that are valid now.`;
  return rejectRequest('invalid-credentials', detail, challenge);
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

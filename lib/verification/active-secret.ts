/** Find the secret that a request was made with, among those of a source that are valid now. */
import { readSecretList, type Secret, type SecretKind } from './secret-list.ts';
import { UnusableSecretError } from './unusable-secret-error.ts';
import type { VerificationPorts } from './verification.ts';

/**
 * On a miss the secret is read again once, since it may have been rotated; the secret source limits how often that
 * reaches AWS, so guesses do not. Every secret is tried, so that the time does not reveal which one matches.
 * @throws UnusableSecretError when no value of the secret is valid at this time.
 * @throws SecretUnavailableError
 */
export async function findActiveSecret<Key>(
  secretId: string,
  kind: SecretKind<Key>,
  { secrets, clock }: Pick<VerificationPorts, 'secrets' | 'clock'>,
  matches: (key: Key) => boolean,
): Promise<Secret<Key> | null> {
  const textAtHand = await secrets.readSecret(secretId, false);
  const atHand = activeSecrets(textAtHand, kind, clock.nowEpochMs());
  const match = typeof atHand === 'string' ? null : lastMatching(atHand, matches);
  if (match !== null) return match;

  // A cached secret without a valid value may have been fixed, so only one that was just read is unusable.
  const freshText = await secrets.readSecret(secretId, true);
  const fresh = activeSecrets(freshText, kind, clock.nowEpochMs());
  if (typeof fresh === 'string') throw new UnusableSecretError(secretId, fresh);
  return freshText === textAtHand ? null : lastMatching(fresh, matches);
}

/** Return the secrets, or why there are none. */
function activeSecrets<Key>(
  text: string,
  kind: SecretKind<Key>,
  nowEpochMs: number,
): readonly Secret<Key>[] | string {
  const list = readSecretList(text, kind);
  if (list.kind === 'unusable') return list.detail;
  const active = list.secrets.filter(
    ({ notBeforeEpochMs, notAfterEpochMs }) => notBeforeEpochMs <= nowEpochMs && nowEpochMs < notAfterEpochMs,
  );
  return active.length === 0 ? `none of its ${kind.noun}s is valid at this time` : active;
}

function lastMatching<Key>(
  secrets: readonly Secret<Key>[],
  matches: (key: Key) => boolean,
): Secret<Key> | null {
  let match: Secret<Key> | null = null;
  for (const secret of secrets) {
    if (matches(secret.key)) match = secret;
  }
  return match;
}

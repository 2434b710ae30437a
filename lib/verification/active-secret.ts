/** Which of a source's secrets, of those that are good now, a request was made with. */
import { readSecretList, type Secret, type SecretKind } from './secret-list.ts';
import { UnusableSecretError } from './unusable-secret-error.ts';
import type { VerificationPorts } from './verification.ts';

/**
 * On a miss the secret is read anew once, since it may have been rotated; the secret source limits how often
 * that reaches AWS, so that guessing does not. Every secret is tried, so that the time does not tell which fits.
 * @throws UnusableSecretError when no value of the secret is good at this time.
 * @throws SecretUnavailableError
 */
export async function findActiveSecret<Key>(
  secretId: string,
  kind: SecretKind<Key>,
  { secrets, clock }: Pick<VerificationPorts, 'secrets' | 'clock'>,
  fits: (key: Key) => boolean,
): Promise<Secret<Key> | null> {
  const textAtHand = await secrets.readSecret(secretId, false);
  const atHand = activeSecrets(textAtHand, kind, clock.nowEpochMs());
  const match = typeof atHand === 'string' ? null : lastFitting(atHand, fits);
  if (match !== null) return match;

  // A cached secret without a valid value may be fixed by now, so only one that was read anew is unusable.
  const freshText = await secrets.readSecret(secretId, true);
  const fresh = activeSecrets(freshText, kind, clock.nowEpochMs());
  if (typeof fresh === 'string') throw new UnusableSecretError(secretId, fresh);
  return freshText === textAtHand ? null : lastFitting(fresh, fits);
}

/** The secrets, or why there are none. */
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

function lastFitting<Key>(secrets: readonly Secret<Key>[], fits: (key: Key) => boolean): Secret<Key> | null {
  let match: Secret<Key> | null = null;
  for (const secret of secrets) {
    if (fits(secret.key)) match = secret;
  }
  return match;
}

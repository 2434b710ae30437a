import { describe, expect, it } from 'vitest';
import type { SecretSource } from '../../lib/ports.ts';
import { SecretUnavailableError } from '../../lib/unavailable-error.ts';

export interface SecretSourceUnderTest {
  readonly secrets: SecretSource;
  /** An existing secret, which holds `first`. */
  readonly secretId: string;
  readonly changeTo: (text: string) => Promise<void>;
}

/** What every SecretSource promises. `makeSecrets` gives a source that has read nothing yet. */
export function defineSecretSourceContract(
  name: string,
  makeSecrets: () => Promise<SecretSourceUnderTest>,
): void {
  describe(`${name} as a secret source`, () => {
    it('reads the text of a secret', async () => {
      const { secrets, secretId } = await makeSecrets();
      expect(await secrets.readSecret(secretId, false)).toBe('first');
    });

    it('knows a changed text after a refresh and not before', async () => {
      const { secrets, secretId, changeTo } = await makeSecrets();
      await secrets.readSecret(secretId, false);
      await changeTo('zweitens ä');
      expect(await secrets.readSecret(secretId, false)).toBe('first');
      expect(await secrets.readSecret(secretId, true)).toBe('zweitens ä');
      expect(await secrets.readSecret(secretId, false)).toBe('zweitens ä');
    });

    it('throws for a secret that does not exist, for which retrying does not help', async () => {
      const { secrets } = await makeSecrets();
      const failure = secrets.readSecret('sluice/absent', false);
      await expect(failure).rejects.toThrow(SecretUnavailableError);
      await expect(failure).rejects.toMatchObject({ secretId: 'sluice/absent', retryable: false });
    });
  });
}

/** What Secrets Manager does under load cannot be made to happen: throttling, slow answers, the passing of time. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { SecretsManagerSecretSource } from '../../../../lib/adapters/aws/secrets-manager-secret-source.ts';
import { SecretUnavailableError } from '../../../../lib/unavailable-error.ts';

const manager = mockClient(SecretsManagerClient);
const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
const denied = Object.assign(new Error('not you'), { name: 'AccessDeniedException' });

let nowEpochMs = 0;
let secrets: SecretsManagerSecretSource;

beforeEach(() => {
  manager.reset();
  nowEpochMs = 1_790_000_000_000;
  secrets = new SecretsManagerSecretSource({
    client: new SecretsManagerClient({ region: 'us-east-1' }),
    clock: { nowEpochMs: () => nowEpochMs },
    maxAgeMs: 300_000,
    minRefreshIntervalMs: 30_000,
  });
});

function reads(): number {
  return manager.commandCalls(GetSecretValueCommand).length;
}

describe('SecretsManagerSecretSource', () => {
  it('asks once for as long as the text may be used', async () => {
    manager.on(GetSecretValueCommand).resolves({ SecretString: 'a' });
    await secrets.readSecret('s', false);
    nowEpochMs += 299_999;
    await secrets.readSecret('s', false);
    expect(reads()).toBe(1);
    nowEpochMs += 1;
    await secrets.readSecret('s', false);
    expect(reads()).toBe(2);
  });

  it('asks once for all who want the secret at the same time', async () => {
    manager.on(GetSecretValueCommand).resolves({ SecretString: 'a' });
    const texts = await Promise.all(
      Array.from({ length: 5 }, (_, n) => secrets.readSecret('s', n % 2 === 0)),
    );
    expect(texts).toEqual(['a', 'a', 'a', 'a', 'a']);
    expect(reads()).toBe(1);
  });

  it('does not let wrong tokens reach AWS more often than the refresh interval', async () => {
    manager.on(GetSecretValueCommand).resolves({ SecretString: 'a' });
    for (let attempt = 0; attempt < 60; attempt += 1) {
      await secrets.readSecret('s', true);
      nowEpochMs += 1_000;
    }
    expect(reads()).toBe(2);
  });

  it('goes on with what it read when Secrets Manager throttles, and asks again an interval later', async () => {
    manager.on(GetSecretValueCommand).resolvesOnce({ SecretString: 'a' }).rejects(throttled);
    await secrets.readSecret('s', false);
    nowEpochMs += 300_000;
    expect(await secrets.readSecret('s', false)).toBe('a');
    expect(await secrets.readSecret('s', true)).toBe('a');
    expect(reads()).toBe(2);
    nowEpochMs += 30_000;
    manager.on(GetSecretValueCommand).resolves({ SecretString: 'b' });
    expect(await secrets.readSecret('s', true)).toBe('b');
  });

  it('does not go on with a secret that it may no longer read', async () => {
    manager.on(GetSecretValueCommand).resolvesOnce({ SecretString: 'a' }).rejects(denied);
    await secrets.readSecret('s', false);
    nowEpochMs += 300_000;
    await expect(secrets.readSecret('s', false)).rejects.toMatchObject({ retryable: false });
  });

  it('says that retrying helps when it was throttled before it ever read the secret', async () => {
    manager.on(GetSecretValueCommand).rejects(throttled);
    const failure = secrets.readSecret('s', false);
    await expect(failure).rejects.toThrow(SecretUnavailableError);
    await expect(failure).rejects.toMatchObject({ retryable: true, cause: throttled });
  });

  it('asks again after a failure', async () => {
    manager.on(GetSecretValueCommand).rejectsOnce(throttled).resolves({ SecretString: 'a' });
    await expect(secrets.readSecret('s', false)).rejects.toThrow(SecretUnavailableError);
    expect(await secrets.readSecret('s', false)).toBe('a');
  });
});

import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { SecretsManagerSecretSource } from '../../lib/adapters/aws/secrets-manager-secret-source.ts';
import { systemClock } from '../../lib/adapters/system-clock.ts';
import { SecretUnavailableError } from '../../lib/unavailable-error.ts';
import { TEST_AWS } from '../support/parts/sqs-test-queue.ts';
import { defineSecretSourceContract } from './secret-source.contract.ts';

const client = new SecretsManagerClient({ ...TEST_AWS, endpoint: inject('awsEndpointUrl') });
const makeSource = () =>
  new SecretsManagerSecretSource({ client, clock: systemClock, minRefreshIntervalMs: 0 });

defineSecretSourceContract('SecretsManagerSecretSource', async () => {
  const secretId = `sluice/test-${randomUUID()}`;
  await client.send(new CreateSecretCommand({ Name: secretId, SecretString: 'first' }));
  return {
    secrets: makeSource(),
    secretId,
    changeTo: async (text) => {
      await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: text }));
    },
  };
});

it('SecretsManagerSecretSource reads text only, and says so', async () => {
  const secretId = `sluice/test-${randomUUID()}`;
  await client.send(new CreateSecretCommand({ Name: secretId, SecretBinary: Uint8Array.of(1) }));
  const failure = makeSource().readSecret(secretId, false);
  await expect(failure).rejects.toThrow(SecretUnavailableError);
  await expect(failure).rejects.toThrow('store it as text (SecretString)');
});

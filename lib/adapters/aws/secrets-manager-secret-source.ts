import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock, SecretSource } from '../../ports.ts';
import { SecretUnavailableError } from '../../unavailable-error.ts';
import { errorName, isTransient } from './aws-error.ts';

export interface SecretsManagerOptions {
  readonly client: SecretsManagerClient;
  readonly clock: Clock;
  /** How long a secret is used before it is read again. */
  readonly maxAgeMs?: number;
  /** How long after one read a `refresh` is answered from the cache, so that guessers do not reach AWS. */
  readonly minRefreshIntervalMs?: number;
}

interface CachedSecret {
  readonly text: string;
  readonly readAtEpochMs: number;
}

/** Secrets Manager behind a cache, with one read at a time for each secret. */
export class SecretsManagerSecretSource implements SecretSource {
  readonly #client: SecretsManagerClient;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #minRefreshIntervalMs: number;
  readonly #cached = new Map<string, CachedSecret>();
  readonly #inFlight = new Map<string, Promise<string>>();

  constructor(options: SecretsManagerOptions) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#maxAgeMs = options.maxAgeMs ?? 300_000;
    this.#minRefreshIntervalMs = options.minRefreshIntervalMs ?? 30_000;
  }

  /**
   * While Secrets Manager is throttling or unavailable, a secret that was read before is used on: the endpoint
   * does not go down with it. A secret that was deleted or forbidden is not.
   * @throws SecretUnavailableError
   */
  async readSecret(secretId: string, refresh: boolean): Promise<string> {
    const cached = this.#cached.get(secretId);
    const maxAgeMs = refresh ? this.#minRefreshIntervalMs : this.#maxAgeMs;
    if (cached !== undefined && this.#clock.nowEpochMs() - cached.readAtEpochMs < maxAgeMs)
      return cached.text;
    try {
      return await this.#readOnce(secretId);
    } catch (error) {
      if (cached !== undefined && error instanceof SecretUnavailableError && error.retryable) {
        // Counts as a read, or else every request of a busy endpoint would ask again.
        this.#cached.set(secretId, { text: cached.text, readAtEpochMs: this.#clock.nowEpochMs() });
        return cached.text;
      }
      throw error;
    }
  }

  #readOnce(secretId: string): Promise<string> {
    const inFlight = this.#inFlight.get(secretId);
    if (inFlight !== undefined) return inFlight;
    const reading = this.#read(secretId).finally(() => this.#inFlight.delete(secretId));
    this.#inFlight.set(secretId, reading);
    return reading;
  }

  async #read(secretId: string): Promise<string> {
    const text = await this.#getSecretString(secretId);
    if (text === undefined) {
      const detail = 'it holds bytes; store it as text (SecretString)';
      throw new SecretUnavailableError({ secretId, detail, retryable: false });
    }
    this.#cached.set(secretId, { text, readAtEpochMs: this.#clock.nowEpochMs() });
    return text;
  }

  async #getSecretString(secretId: string): Promise<string | undefined> {
    try {
      const { SecretString: text } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: secretId }),
      );
      return text;
    } catch (cause) {
      throw new SecretUnavailableError(
        { secretId, detail: errorName(cause), retryable: isTransient(cause) },
        { cause },
      );
    }
  }
}

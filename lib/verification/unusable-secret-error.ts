/** A source's secret cannot verify anybody. Sluice is misconfigured: no caller is at fault, and none gets in. */
export class UnusableSecretError extends Error {
  override readonly name = 'UnusableSecretError';
  readonly secretId: string;

  /** `detail` says what is wrong and holds nothing of the secret. */
  constructor(secretId: string, detail: string) {
    super(`Secret ${secretId} cannot be used to verify requests: ${detail}`);
    this.secretId = secretId;
  }
}

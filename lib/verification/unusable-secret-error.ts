/** The secret of a source cannot verify any request. Sluice is misconfigured: all requests are refused without blame. */
export class UnusableSecretError extends Error {
  override readonly name = 'UnusableSecretError';
  readonly secretId: string;

  /** `detail` says what is wrong and holds nothing of the secret. */
  constructor(secretId: string, detail: string) {
    super(`Secret ${secretId} cannot be used to verify requests: ${detail}`);
    this.secretId = secretId;
  }
}

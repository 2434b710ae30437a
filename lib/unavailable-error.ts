/** What Sluice depends on is out of reach for the moment: nothing is wrong with the event, and retrying helps. */

/** Events could not be stored, or not all of them: those that were will be found to be duplicates. */
export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError';
  readonly retryable = true;
  /** How many of the messages are not known to be stored. */
  readonly missing: number;

  constructor(missing: number, options?: ErrorOptions) {
    super(`${missing} messages could not be stored in the queue`, options);
    this.missing = missing;
  }
}

/** A secret could not be read; nothing is known about whether a caller has the right one. */
export class SecretUnavailableError extends Error {
  override readonly name = 'SecretUnavailableError';
  readonly secretId: string;
  /** False: the secret does not exist, or may not be read; only a change to the deployment helps. */
  readonly retryable: boolean;

  constructor(problem: { secretId: string; detail: string; retryable: boolean }, options?: ErrorOptions) {
    super(`Secret ${problem.secretId} could not be read: ${problem.detail}`, options);
    this.secretId = problem.secretId;
    this.retryable = problem.retryable;
  }
}

/** Something on the web could not be read; nothing is known about whether a caller is who it says. */
export class DocumentUnavailableError extends Error {
  override readonly name = 'DocumentUnavailableError';
  readonly url: string;
  /** False: there is nothing at that URL. */
  readonly retryable: boolean;

  /** The URL appears without its query, which may hold a token. */
  constructor(problem: { url: string; detail: string; retryable: boolean }, options?: ErrorOptions) {
    const url = problem.url.replace(/[?#].*$/s, '');
    super(`${url} could not be read: ${problem.detail}`, options);
    this.url = url;
    this.retryable = problem.retryable;
  }
}

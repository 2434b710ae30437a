/** Failures of the parts that taking a request depends on, for which its sender is not to blame. */
import {
  DocumentUnavailableError,
  QueueUnavailableError,
  SecretUnavailableError,
} from './unavailable-error.ts';
import { UnusableSecretError } from './verification/unusable-secret-error.ts';

export type IngestFailure =
  /** A transient failure. Some events may be stored; the same request again does not store them a second time. */
  | {
      readonly kind: 'unavailable';
      readonly part: 'queue' | 'secret' | 'verification-keys';
      readonly cause: Error;
    }
  /** The secret of the source cannot verify anyone: the operator has to replace it. */
  | { readonly kind: 'misconfigured'; readonly cause: UnusableSecretError };

/** @throws the error itself when it means a bug or a broken part. */
export function ingestFailure(error: unknown): IngestFailure {
  if (error instanceof UnusableSecretError) return { kind: 'misconfigured', cause: error };
  if (error instanceof QueueUnavailableError) return { kind: 'unavailable', part: 'queue', cause: error };
  if (error instanceof SecretUnavailableError && error.retryable) {
    return { kind: 'unavailable', part: 'secret', cause: error };
  }
  if (error instanceof DocumentUnavailableError) {
    return { kind: 'unavailable', part: 'verification-keys', cause: error };
  }
  throw error;
}

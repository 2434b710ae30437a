import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

/**
 * True when the request may succeed if it is sent again: throttled, answered with a 5xx, timed out or cut
 * off. Whether it took effect is not known then. False means that the machinery is broken (access denied,
 * no such table or queue, a request that AWS does not understand): sending it again cannot help.
 * The rules are the SDK's own, the ones by which it retries.
 */
export function isTransient(error: unknown): boolean {
  return isSdkError(error) && (isThrottlingError(error) || isTransientError(error) || isServerError(error));
}

/** True when AWS asked to come back later: the request did nothing. */
export function isThrottled(error: unknown): boolean {
  return isSdkError(error) && isThrottlingError(error);
}

/** What the SDK's rules take: an error whose further properties are all optional. */
function isSdkError(error: unknown): error is Parameters<typeof isServerError>[0] {
  return error instanceof Error;
}

/** The name of an AWS error (`ThrottlingException`, `TimeoutError`), never its message, which may echo the request. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Pauses that grow and are random, so that what failed together does not come back together. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Backoff } from '../ports.ts';

/**
 * "Full jitter": anything up to a bound that doubles, 200 ms after the first try.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export const jitteredBackoff: Backoff = {
  pauseBeforeRetry: (attempt) => pause(Math.random() * 100 * 2 ** attempt),
};

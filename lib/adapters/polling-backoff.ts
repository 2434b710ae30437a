/** Pauses between polls: half of a bound that doubles from 200 ms to 1 s, plus up to as much at random. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Backoff } from '../ports.ts';

const FIRST_BOUND_MS = 200;
const LAST_BOUND_MS = 1_000;

export const pollingBackoff: Backoff = {
  pauseBeforeRetry: (attempt) => {
    const boundMs = Math.min(LAST_BOUND_MS, FIRST_BOUND_MS * 2 ** (attempt - 1));
    return pause(boundMs * (0.5 + Math.random() / 2));
  },
};

/**
 * How long a message that has to be redelivered stays hidden.
 *
 *   receives     1    2    3   …   8        …  half of maxReceiveCount     …  maxReceiveCount
 *   delay        2 s  4 s  8 s     5 min       5 min                          the rest of the hold, in equal parts
 *
 * Soon at first, since most failures pass within seconds, and not later than by the queue's visibility time-out. A queue counts every receive and gives a message up after
 * `maxReceiveCount` of them, so the first half of the receives may be short and the second half is spread over the whole
 * time that the message has to be held.
 */
import type { QueueLimits } from './redelivery-ports.ts';

const SHORTEST_DELAY_MS = 2_000;
const LONGEST_SHORT_DELAY_MS = 5 * 60_000;

/** SQS hides a message for 12 hours at most, and the time since its receive counts. */
export const LONGEST_DELAY_MS = 11 * 3_600_000;

/** A queue that allows so many receives can hold a message for as long as it keeps it. */
const RECEIVES_FOR_WHOLE_RETENTION = 400;

export interface Receive {
  /** How often the message has been received, this time included. */
  readonly receiveCount: number;
  readonly sentAtEpochMs: number;
  readonly nowEpochMs: number;
}

/** `jitter` is from 0 to below 1. Messages of one invocation share it, so that what shared a batch comes back together. */
export function redeliveryDelayMs(receive: Receive, limits: QueueLimits, jitter: number): number {
  const longestMs = Math.max(SHORTEST_DELAY_MS, Math.min(LONGEST_SHORT_DELAY_MS, limits.visibilityTimeoutMs));
  const doubled = Math.min(longestMs, SHORTEST_DELAY_MS * 2 ** (receive.receiveCount - 1));
  const shortDelayMs = (doubled * (1 + jitter)) / 2;
  return Math.min(LONGEST_DELAY_MS, Math.max(shortDelayMs, slowDelayMs(receive, limits, jitter)));
}

/** The least delay with which the receives that are left last as long as the message has to be held. */
export function slowDelayMs(
  { receiveCount, sentAtEpochMs, nowEpochMs }: Receive,
  limits: QueueLimits,
  jitter: number,
): number {
  const { maxReceiveCount } = limits;
  if (maxReceiveCount === null || receiveCount <= maxReceiveCount / 2) return 0;
  const receivesLeft = Math.max(1, maxReceiveCount - receiveCount + 1);
  const leftToHoldMs = Math.max(0, holdMs(limits, maxReceiveCount) - (nowEpochMs - sentAtEpochMs));
  return (leftToHoldMs / receivesLeft) * (1 + jitter / 4);
}

/** A queue with fewer receives holds a message as long as its visibility time-out alone would. */
function holdMs({ visibilityTimeoutMs, retentionMs }: QueueLimits, maxReceiveCount: number): number {
  if (maxReceiveCount >= RECEIVES_FOR_WHOLE_RETENTION) return retentionMs;
  return Math.min(retentionMs, maxReceiveCount * visibilityTimeoutMs);
}

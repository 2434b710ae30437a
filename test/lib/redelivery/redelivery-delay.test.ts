import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redeliveryDelayMs } from '../../../lib/redelivery/redelivery-delay.ts';
import type { QueueLimits } from '../../../lib/redelivery/redelivery-ports.ts';

const DAY_MS = 86_400_000;
const SLUICE_QUEUE: QueueLimits = {
  maxReceiveCount: 1_000,
  visibilityTimeoutMs: 381_000,
  retentionMs: 14 * DAY_MS,
};

/** Fail every delivery, and return how long the queue holds the message before it gives it up. */
function holdUntilGivenUp(limits: QueueLimits, jitterOf: (receiveCount: number) => number): number {
  let nowEpochMs = 0;
  for (let receiveCount = 1; receiveCount <= (limits.maxReceiveCount ?? 0); receiveCount++) {
    const receive = { receiveCount, sentAtEpochMs: 0, nowEpochMs };
    nowEpochMs += redeliveryDelayMs(receive, limits, jitterOf(receiveCount));
    if (nowEpochMs >= limits.retentionMs) return limits.retentionMs;
  }
  return nowEpochMs;
}

const anyJitter = fc.double({ min: 0, max: 0.999, noNaN: true });

describe('redeliveryDelayMs', () => {
  it('never uses up the receives in an outage of 14 days', () => {
    fc.assert(
      fc.property(fc.array(anyJitter, { minLength: 1, maxLength: 50 }), (jitters) => {
        const held = holdUntilGivenUp(SLUICE_QUEUE, (count) => jitters[count % jitters.length] ?? 0);
        expect(held).toBe(14 * DAY_MS);
      }),
      { numRuns: 30 },
    );
  });

  it('holds a message on any queue at least as long as the visibility time-out alone would', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 2, max: 3_600 }),
        fc.integer({ min: 60, max: 14 * 86_400 }),
        anyJitter,
        (maxReceiveCount, visibilitySeconds, retentionSeconds, jitter) => {
          const visibilityTimeoutMs = visibilitySeconds * 1_000;
          const retentionMs = retentionSeconds * 1_000;
          const held = holdUntilGivenUp({ maxReceiveCount, visibilityTimeoutMs, retentionMs }, () => jitter);
          const byTimeoutAlone = Math.min(retentionMs, maxReceiveCount * visibilityTimeoutMs);
          // A delay is 11 hours at most, which matters for very few receives of a long visibility time-out only.
          expect(held).toBeGreaterThanOrEqual(Math.min(byTimeoutAlone, 11 * 3_600_000) - 1);
        },
      ),
    );
  });

  it('stays within what SQS takes', () => {
    fc.assert(
      fc.property(
        fc.record({
          receiveCount: fc.integer({ min: 1, max: 5_000 }),
          sentAtEpochMs: fc.integer({ min: 0, max: 2 ** 42 }),
          nowEpochMs: fc.integer({ min: 0, max: 2 ** 42 }),
        }),
        fc.option(fc.integer({ min: 1, max: 1_000 })),
        anyJitter,
        (receive, maxReceiveCount, jitter) => {
          const delayMs = redeliveryDelayMs(receive, { ...SLUICE_QUEUE, maxReceiveCount }, jitter);
          expect(delayMs).toBeGreaterThanOrEqual(1_000);
          expect(delayMs).toBeLessThanOrEqual(12 * 3_600_000);
        },
      ),
    );
  });

  it('doubles from two seconds to five minutes while there are plenty of receives', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 400].map((receiveCount) =>
      redeliveryDelayMs({ receiveCount, sentAtEpochMs: 0, nowEpochMs: 0 }, SLUICE_QUEUE, 0.999_999),
    );
    expect(delays.map((delayMs) => Math.round(delayMs / 1_000))).toEqual([
      2, 4, 8, 16, 32, 64, 128, 256, 300, 300,
    ]);
  });

  it('never lets a message wait longer than the visibility time-out while there are plenty of receives', () => {
    const limits = { ...SLUICE_QUEUE, visibilityTimeoutMs: 30_000 };
    const receive = { receiveCount: 300, sentAtEpochMs: 0, nowEpochMs: 0 };
    expect(redeliveryDelayMs(receive, limits, 0.999)).toBeLessThanOrEqual(30_000);
  });
});

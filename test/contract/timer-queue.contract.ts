import { describe, expect, it } from 'vitest';
import type { TimerQueue, WindowTimer } from '../../lib/windows/window-ports.ts';
import { sampleTimer } from '../support/builders/sample-windows.ts';

export interface TimerQueueUnderTest {
  readonly queue: TimerQueue;
  readonly nowEpochMs: number;
  /** Takes that many timers out of the queue once they are due, in any order. */
  readonly receiveTimers: (count: number) => Promise<readonly WindowTimer[]>;
}

/** What every TimerQueue promises. `makeQueue` gives an empty queue. */
export function defineTimerQueueContract(name: string, makeQueue: () => Promise<TimerQueueUnderTest>): void {
  describe(`${name} as a timer queue`, () => {
    it.each([0, 1, 10, 11, 35])('delivers %i timers that are due as they are', async (count) => {
      const { queue, nowEpochMs, receiveTimers } = await makeQueue();
      const timers = Array.from({ length: count }, (_, sequence) =>
        sampleTimer(sequence, nowEpochMs - sequence),
      );

      expect(await queue.sendTimers(timers)).toEqual([]);

      expect(bySequence(await receiveTimers(count))).toEqual(timers);
    });

    it('delivers a timer that is due in a second before one that is due in minutes', async () => {
      const { queue, nowEpochMs, receiveTimers } = await makeQueue();
      const later = sampleTimer(0, nowEpochMs + 600_000);
      const soon = sampleTimer(1, nowEpochMs + 1_000);

      expect(await queue.sendTimers([later, soon])).toEqual([]);

      expect(await receiveTimers(1)).toEqual([soon]);
    });
  });
}

function bySequence(timers: readonly WindowTimer[]): readonly WindowTimer[] {
  return timers.toSorted((one, other) => one.ref.sequence - other.ref.sequence);
}

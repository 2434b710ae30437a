import { describe, expect, it } from 'vitest';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../lib/event/queue-message.ts';
import type { DeadLetterQueue } from '../../lib/ports.ts';

export interface DeadLetterQueueUnderTest {
  readonly queue: DeadLetterQueue;
  /** Takes that many letters out of the queue, in any order. */
  readonly receiveLetters: (count: number) => Promise<readonly string[]>;
}

/** What every DeadLetterQueue promises. `makeQueue` gives an empty queue. */
export function defineDeadLetterQueueContract(
  name: string,
  makeQueue: () => Promise<DeadLetterQueueUnderTest>,
): void {
  describe(`${name} as a dead-letter queue`, () => {
    it.each([0, 1, 10, 11, 35])('stores %i dead letters as they are', async (count) => {
      const { queue, receiveLetters } = await makeQueue();
      const letters = Array.from({ length: count }, (_, index) =>
        JSON.stringify({ letter: index, é: '💧\t\n' }),
      );

      expect(await queue.sendDeadLetters(letters)).toEqual([]);

      expect((await receiveLetters(count)).toSorted()).toEqual(letters.toSorted());
    });

    it('stores dead letters that are together too large for one request', async () => {
      const { queue, receiveLetters } = await makeQueue();
      const letters = ['a', 'b', 'é', 'c'].map((character, index) =>
        character.repeat([MAX_QUEUE_MESSAGE_BYTES, 600_000, 300_000, 500_000][index] ?? 1),
      );

      expect(await queue.sendDeadLetters(letters)).toEqual([]);

      expect((await receiveLetters(letters.length)).toSorted()).toEqual(letters.toSorted());
    });
  });
}

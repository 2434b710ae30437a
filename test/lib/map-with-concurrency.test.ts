import * as fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapWithConcurrency, pieces } from '../../lib/map-with-concurrency.ts';

describe('mapWithConcurrency', () => {
  it('gives the results in the order of the items, with no more than the limit at work', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        async (turns, limit) => {
          let atWork = 0;
          let mostAtWork = 0;
          const results = await mapWithConcurrency(turns, limit, async (count) => {
            atWork += 1;
            mostAtWork = Math.max(mostAtWork, atWork);
            for (let turn = 0; turn < count; turn += 1) await nextTurn();
            atWork -= 1;
            return count * 2;
          });

          expect(results).toEqual(turns.map((count) => count * 2));
          expect(mostAtWork).toBe(Math.min(limit, turns.length));
        },
      ),
    );
  });

  it('throws the first error only when everything that was started has ended, and starts nothing more', async () => {
    const started: number[] = [];
    const ended: number[] = [];

    const running = mapWithConcurrency([0, 1, 2, 3, 4], 2, async (item) => {
      started.push(item);
      if (item === 0) throw new Error('the first item failed');
      await nextTurn();
      ended.push(item);
    });

    await expect(running).rejects.toThrow('the first item failed');
    expect(started).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });
});

describe('pieces', () => {
  it('hold all items in order, none empty and none too large', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (items, size) => {
        const cut = pieces(items, size);

        expect(cut.flat()).toEqual(items);
        expect(cut.slice(0, -1).every((piece) => piece.length === size)).toBe(true);
        expect(cut.every((piece) => piece.length > 0)).toBe(true);
      }),
    );
  });
});

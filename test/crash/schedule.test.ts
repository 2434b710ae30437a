import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_IDS, idsOf, REGROUPINGS, sampleOf, schedulesOf, titleOf, VICTIMS } from './schedule.ts';

describe('the crash matrix', () => {
  it('kills every victim before and after each of its requests, and delivers again in every grouping', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VICTIMS), fc.integer({ min: 1, max: 30 }), (victim, requests) => {
        const schedules = schedulesOf(victim, requests);
        expect(new Set(schedules.map(titleOf)).size).toBe(schedules.length);
        const kills = schedules.map(({ kill }) => `${kill?.when ?? ''} ${kill?.nth ?? 0}`);
        expect(new Set(kills).size).toBe(2 * requests);
        const regroupings = new Set(schedules.map(({ regrouping }) => regrouping));
        expect([...regroupings]).toEqual(Object.keys(REGROUPINGS));
      }),
    );
  });

  it('delivers again, in every grouping, all that the victim held', () => {
    for (const { deliveries } of Object.values(REGROUPINGS)) {
      const again = deliveries.flatMap(({ ids }): readonly string[] => ids);
      expect(again).toEqual(expect.arrayContaining(FIRST_IDS));
    }
    for (const schedule of VICTIMS.flatMap((victim) => schedulesOf(victim, 1))) {
      expect(idsOf(schedule)).toEqual(expect.arrayContaining(FIRST_IDS));
    }
  });

  it('has the same sample for the same seed, another one for another seed, and no schedule twice', () => {
    const all = VICTIMS.flatMap((victim) => schedulesOf(victim, 8));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 50 }), (seed, size) => {
        const sample = sampleOf(all, size, seed);
        expect(sampleOf(all.toReversed(), size, seed)).toEqual(sample);
        expect(new Set(sample.map(titleOf)).size).toBe(size);
      }),
    );
    expect(sampleOf(all, 20, 1)).not.toEqual(sampleOf(all, 20, 2));
  });
});

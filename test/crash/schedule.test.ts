import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FIRST_IDS,
  eventNames,
  REGROUPINGS,
  chooseSample,
  listSchedules,
  describeSchedule,
  VICTIMS,
} from './schedule.ts';

describe('the schedules of crashes', () => {
  it('kill every victim before and after each of its requests, and redeliver in every grouping', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VICTIMS), fc.integer({ min: 1, max: 30 }), (victim, requests) => {
        const schedules = listSchedules(victim, requests);
        expect(new Set(schedules.map(describeSchedule)).size).toBe(schedules.length);
        const kills = schedules.map(({ kill }) => `${kill?.when ?? ''} ${kill?.nth ?? 0}`);
        expect(new Set(kills).size).toBe(2 * requests);
        const regroupings = new Set(schedules.map(({ regrouping }) => regrouping));
        expect([...regroupings]).toEqual(Object.keys(REGROUPINGS));
      }),
    );
  });

  it('redeliver, in every grouping, everything that the victim held', () => {
    for (const { deliveries } of Object.values(REGROUPINGS)) {
      const again = deliveries.flatMap(({ ids }): readonly string[] => ids);
      expect(again).toEqual(expect.arrayContaining(FIRST_IDS));
    }
    for (const schedule of VICTIMS.flatMap((victim) => listSchedules(victim, 1))) {
      expect(eventNames(schedule)).toEqual(expect.arrayContaining(FIRST_IDS));
    }
  });

  it('are sampled by the seed: the same sample for the same seed, another one for another seed, and no schedule twice', () => {
    const all = VICTIMS.flatMap((victim) => listSchedules(victim, 8));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 50 }), (seed, size) => {
        const sample = chooseSample(all, size, seed);
        expect(chooseSample(all.toReversed(), size, seed)).toEqual(sample);
        expect(new Set(sample.map(describeSchedule)).size).toBe(size);
      }),
    );
    expect(chooseSample(all, 20, 1)).not.toEqual(chooseSample(all, 20, 2));
  });
});

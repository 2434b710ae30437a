import { describe, expect, it } from 'vitest';
import { Random } from '../support/random.ts';
import { RECURRENCE_RETENTION_SECONDS } from './routes.ts';
import { Workload } from './workload.ts';

describe('the workload of the soak', () => {
  it('repeats the key of an event only after its claim has expired, counted from its acknowledgement', () => {
    const workload = new Workload(new Random(7));
    const acknowledgedAtMs = new Map<string, number>();
    for (let nowMs = 0; nowMs < 600_000; nowMs += 100) {
      const before = workload.events.length;
      const event = workload.next(nowMs);
      const { route, key } = JSON.parse(event.body) as { readonly route: string; readonly key?: string };
      if (key === undefined) continue;
      expect(workload.events).toHaveLength(before + 1);
      const lastMs = acknowledgedAtMs.get(`${route} ${key}`) ?? -Infinity;
      expect(nowMs - lastMs).toBeGreaterThan(RECURRENCE_RETENTION_SECONDS * 1_000);
      // It is acknowledged ten seconds later, and meanwhile its key is taken.
      acknowledgedAtMs.set(`${route} ${key}`, nowMs + 10_000);
      workload.acknowledge(event.body, nowMs + 10_000);
    }
    expect(workload.recurrences).toBeGreaterThan(20);
  });

  it('repeats its events for a seed', () => {
    const bodies = (seed: number): readonly string[] => {
      const workload = new Workload(new Random(seed));
      return Array.from({ length: 50 }, () => workload.next(0).body);
    };
    expect(bodies(7)).toEqual(bodies(7));
    expect(bodies(7)).not.toEqual(bodies(8));
  });
});

import { describe, expect, it } from 'vitest';
import type { LimiterStore } from '../../lib/budget/budget-ports.ts';
import { INITIAL_CONTROL, startProbe } from '../../lib/budget/control.ts';

const NOW = 1_790_000_000_000;

/** What every LimiterStore promises. `makeStore` gives one without a state. */
export function defineLimiterStoreContract(name: string, makeStore: () => Promise<LimiterStore>): void {
  describe(`${name} as a limiter store`, () => {
    it('begins with a budget that is spent up to now', async () => {
      const store = await makeStore();
      const initial = { tatEpochMs: NOW, control: INITIAL_CONTROL };
      expect(await store.readState(NOW)).toEqual(initial);
      expect(await store.readState(NOW + 1)).toEqual(initial);
    });

    it('adds concurrent leases up, and refuses those beyond the budget with what is there', async () => {
      const store = await makeStore();
      await store.readState(NOW);
      const request = {
        version: 1,
        costMs: 100,
        nowEpochMs: NOW,
        latestTatEpochMs: NOW + 400,
        seenTatEpochMs: NOW,
      };
      const results = await Promise.all(Array.from({ length: 8 }, () => store.lease(request)));
      const leased = results.filter(({ kind }) => kind === 'leased');
      expect(leased).toHaveLength(5);
      expect(results.find(({ kind }) => kind === 'changed')).toEqual({
        kind: 'changed',
        state: { tatEpochMs: NOW + 500, control: INITIAL_CONTROL },
      });
      expect((await store.readState(NOW)).tatEpochMs).toBe(NOW + 500);
    });

    it('begins anew from now when the budget was not used for a while, once', async () => {
      const store = await makeStore();
      await store.readState(NOW - 60_000);
      const request = {
        version: 1,
        costMs: 100,
        nowEpochMs: NOW,
        latestTatEpochMs: NOW,
        seenTatEpochMs: NOW - 60_000,
      };
      const results = await Promise.all([store.lease(request), store.lease(request)]);
      expect(results.map(({ kind }) => kind).toSorted()).toEqual(['changed', 'leased']);
      expect((await store.readState(NOW)).tatEpochMs).toBe(NOW + 100);
    });

    it('leases nothing under a control that was replaced', async () => {
      const store = await makeStore();
      const { control } = await store.readState(NOW);
      const replaced = startProbe(control, NOW, 1_000);
      expect(await store.replaceControl(replaced, 100)).toBe('replaced');
      const request = {
        version: 1,
        costMs: 1,
        nowEpochMs: NOW,
        latestTatEpochMs: NOW + 999,
        seenTatEpochMs: NOW,
      };
      expect(await store.lease(request)).toEqual({
        kind: 'changed',
        state: { tatEpochMs: NOW + 100, control: replaced },
      });
    });

    it('lets one of many replace the control', async () => {
      const store = await makeStore();
      const { control } = await store.readState(NOW);
      const results = await Promise.all(
        [1, 2, 3].map((timeoutMs) => store.replaceControl(startProbe(control, NOW, timeoutMs), 0)),
      );
      expect(results.toSorted()).toEqual(['changed', 'changed', 'replaced']);
    });
  });
}

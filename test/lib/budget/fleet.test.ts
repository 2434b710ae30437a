import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedFleet } from '../../support/fakes/simulated-fleet.ts';

const MINUTE_MS = 60_000;
const BUDGET = { requestsPerMinute: 600, mode: 'enforce' } as const;

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('the budget of a fleet of functions', () => {
  it('is never exceeded in any 60 seconds, whatever the load and the number of functions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: 2_500 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 2 ** 31 }),
        async (requestsPerMinute, workers, seed) => {
          const settings = { requestsPerMinute, mode: 'enforce' } as const;
          const fleet = new SimulatedFleet({ settings, workers, batches: 300, random: randomFrom(seed) });
          await fleet.run(5 * MINUTE_MS);
          expect(fleet.mostWithin(MINUTE_MS)).toBeLessThanOrEqual(requestsPerMinute);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('drains a backlog of a million events at nearly the budget', async () => {
    const batches = 10_000;
    const fleet = new SimulatedFleet({ settings: BUDGET, workers: 20, batches, random: randomFrom(1) });
    await fleet.run(60 * MINUTE_MS);
    expect(fleet.created).toBe(batches);
    expect(fleet.mostWithin(MINUTE_MS)).toBeLessThanOrEqual(600);
    // The last ones wait for up to five minutes, since they do not know that the others are done.
    expect(fleet.nowMs / MINUTE_MS).toBeLessThan(batches / (600 * 0.88) + 5);
    expect(fleet.maxReceives).toBeLessThan(100);
  }, 60_000);

  it('lets one function at a time look whether Prefect is back, and returns to it as a ramp', async () => {
    const down = { fromMs: 2 * MINUTE_MS, untilMs: 12 * MINUTE_MS };
    const fleet = new SimulatedFleet({
      settings: BUDGET,
      workers: 20,
      batches: 6_000,
      arrivesAtMs: (batch) => batch * 150,
      respond: (atMs) => (atMs >= down.fromMs && atMs < down.untilMs ? 'down' : 'created'),
      random: randomFrom(2),
    });
    await fleet.run(90 * MINUTE_MS);
    expect(fleet.created).toBe(6_000);
    expect(fleet.mostProbes).toBe(1);
    expect(fleet.deadRequests.length).toBeLessThan(40);
    expect(fleet.mostWithin(MINUTE_MS)).toBeLessThanOrEqual(600);
    const afterRecovery = fleet.requests.filter((atMs) => atMs >= down.untilMs);
    const closedAtMs = afterRecovery[0] ?? 0;
    const inFirst = (ms: number) => afterRecovery.filter((atMs) => atMs < closedAtMs + ms).length;
    expect(inFirst(10_000)).toBeLessThan(40);
    expect(fleet.changes.filter(({ kind }) => kind === 'breaker-opened')).toHaveLength(1);
    expect(fleet.changes.filter(({ kind }) => kind === 'breaker-closed')).toHaveLength(1);
  }, 60_000);

  it('sends a few requests an hour to a Prefect that stays down', async () => {
    const fleet = new SimulatedFleet({
      settings: { requestsPerMinute: null, mode: 'enforce' },
      workers: 10,
      batches: 50,
      respond: () => 'down',
      random: randomFrom(3),
    });
    await fleet.run(6 * 60 * MINUTE_MS);
    expect(fleet.deadRequests.length).toBeLessThan(250);
    expect(fleet.mostProbes).toBe(1);
  }, 60_000);

  it('waits as long as Prefect asks, all functions together, and asks for less afterwards', async () => {
    const fleet = new SimulatedFleet({
      settings: BUDGET,
      workers: 20,
      batches: 400,
      respond: (atMs) => (atMs >= 10_000 && atMs < 20_000 ? { retryAfterMs: 30_000 } : 'created'),
      random: randomFrom(4),
    });
    await fleet.run(60 * MINUTE_MS);
    const limitedAtMs = fleet.requests.find((atMs) => atMs >= 10_000) ?? 0;
    // What was under way when the first response came is not called back.
    const during = fleet.requests.filter((atMs) => atMs > limitedAtMs + 1_000 && atMs < limitedAtMs + 30_000);
    expect(during).toEqual([]);
    expect(fleet.created).toBe(400);
  }, 60_000);
});

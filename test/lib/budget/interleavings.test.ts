/** Runs functions that share a budget through every order of their requests to the table, with a crash at each point. */
import { describe, expect, it } from 'vitest';
import type { LimiterStore } from '../../../lib/budget/budget-ports.ts';
import {
  afterProbe,
  INITIAL_CONTROL,
  observe,
  startProbe,
  type Control,
} from '../../../lib/budget/control.ts';
import { LEASE_VALID_MS } from '../../../lib/budget/pace.ts';
import { RequestBudget } from '../../../lib/budget/request-budget.ts';
import { InMemoryLimiterStore } from '../../support/fakes/in-memory-limiter-store.ts';

const NOW = 1_790_000_000_000;
/** 20 requests a minute: a burst of one. */
const SETTINGS = { requestsPerMinute: 20, mode: 'enforce' } as const;

interface World {
  readonly store: InMemoryLimiterStore;
  admitted: number;
  checksAtOnce: number;
  mostChecksAtOnce: number;
}

/** The next step of a worker, or its death before it. */
interface Choice {
  readonly worker: number;
  readonly dies: boolean;
}

type Work = (budget: RequestBudget, world: World) => Promise<void>;

interface Scenario {
  readonly control: Control;
  readonly work: readonly Work[];
  readonly crashes: number;
  /** What a mistaken store does. Default: nothing. */
  readonly mutate?: (store: InMemoryLimiterStore) => LimiterStore;
}

/** Waits at each request until it is chosen; after its death it waits until the end of the run. */
class Worker {
  #next: (() => void) | null = null;
  isDone = false;
  isDead = false;

  get isWaiting(): boolean {
    return this.#next !== null && !this.isDead && !this.isDone;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#next = resolve;
    });
  }

  step(): void {
    const next = this.#next;
    this.#next = null;
    next?.();
  }
}

function inTurns(store: LimiterStore, worker: Worker): LimiterStore {
  return {
    readState: async (nowEpochMs) => (await worker.turn(), store.readState(nowEpochMs)),
    lease: async (request) => (await worker.turn(), store.lease(request)),
    replaceControl: async (control, costMs) => (await worker.turn(), store.replaceControl(control, costMs)),
  };
}

/** Run one order, and return the choices that there were at each of its steps. */
async function runOnce(
  { control, work, crashes, mutate = (store) => store }: Scenario,
  choices: readonly number[],
): Promise<{ readonly world: World; readonly options: readonly number[] }> {
  const store = new InMemoryLimiterStore();
  store.state = { tatEpochMs: NOW, control };
  const world: World = { store, admitted: 0, checksAtOnce: 0, mostChecksAtOnce: 0 };
  const workers = work.map((each) => {
    const worker = new Worker();
    const budget = new RequestBudget({
      store: inTurns(mutate(store), worker),
      settings: SETTINGS,
      clock: { nowEpochMs: () => NOW },
      pause: () => Promise.resolve(),
      check: async () => {
        world.checksAtOnce++;
        world.mostChecksAtOnce = Math.max(world.mostChecksAtOnce, world.checksAtOnce);
        await worker.turn();
        world.checksAtOnce--;
        return true;
      },
    });
    void each(budget, world).then(() => {
      worker.isDone = true;
    });
    return worker;
  });
  const options: number[] = [];
  let crashesLeft = crashes;
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = [...workers.keys()].filter((index) => workers[index]?.isWaiting);
    const possible: Choice[] = waiting.flatMap((worker) => [
      { worker, dies: false },
      ...(crashesLeft > 0 ? [{ worker, dies: true }] : []),
    ]);
    const choice = possible[choices[options.length] ?? 0];
    if (choice === undefined) return { world, options };
    options.push(possible.length);
    const worker = workers[choice.worker];
    if (worker === undefined) continue;
    if (choice.dies) {
      worker.isDead = true;
      crashesLeft--;
    } else worker.step();
  }
}

/** Run every order, and return the worlds in which they end. */
async function explore(scenario: Scenario): Promise<readonly World[]> {
  const worlds: World[] = [];
  let choices: number[] | null = [];
  while (choices !== null) {
    const { world, options }: Awaited<ReturnType<typeof runOnce>> = await runOnce(scenario, choices);
    worlds.push(world);
    const taken: number[] = options.map((_, step) => choices?.[step] ?? 0);
    let last = taken.length - 1;
    while (last >= 0 && (taken[last] ?? 0) + 1 >= (options[last] ?? 0)) last--;
    choices = last < 0 ? null : [...taken.slice(0, last), (taken[last] ?? 0) + 1];
  }
  return worlds;
}

const takeOne: Work = async (budget, world) => {
  if ((await budget.admitOne(0)) === null) world.admitted++;
};

const failOnce: Work = async (budget) => {
  await budget.reserve(1, 0);
  await budget.observe({ kind: 'failure', startedEpochMs: NOW, detail: '502' });
};

function failedTimes(times: number): Control {
  let control = INITIAL_CONTROL;
  for (let n = 0; n < times; n++) {
    control = observe(control, { kind: 'failure', startedEpochMs: NOW, detail: '502' }, NOW);
  }
  return control;
}

/** Open, and due to be probed. */
const OPEN: Control = {
  ...afterProbe(startProbe(failedTimes(5), NOW, 1), false, NOW),
  heldUntilEpochMs: 0,
};

const LEASE = { control: INITIAL_CONTROL, work: [takeOne, takeOne, takeOne], crashes: 1 };
const PROBE = { control: OPEN, work: [takeOne, takeOne], crashes: 1 };
const CHECK = { control: failedTimes(4), work: [failOnce, failOnce], crashes: 1 };

describe('in every order of the requests of functions that may die', () => {
  it('no more requests are admitted at once than the burst', async () => {
    const worlds = await explore(LEASE);
    expect(worlds.length).toBeGreaterThan(20);
    expect(Math.max(...worlds.map(({ admitted }) => admitted))).toBe(1);
  });

  it.each([
    ['a Prefect that is down', PROBE],
    ['a Prefect that may be down', CHECK],
  ])('one function at a time looks at %s', async (_, scenario) => {
    const worlds = await explore(scenario);
    expect(worlds.length).toBeGreaterThan(20);
    expect(Math.max(...worlds.map(({ mostChecksAtOnce }) => mostChecksAtOnce))).toBe(1);
  });

  it('a function that dies while it probes leaves a probe that ends by itself', async () => {
    const worlds = await explore(PROBE);
    const ends = worlds.map(({ store }) => store.state?.control.probeUntilEpochMs ?? 0);
    expect(Math.max(...ends)).toBeLessThanOrEqual(NOW + 10_000);
    expect(ends.some((end) => end > 0)).toBe(true);
  });
});

describe('a store that makes a mistake is found out', () => {
  it('when it leases beyond the budget', async () => {
    const worlds = await explore({
      ...LEASE,
      mutate: (store) => ({
        readState: (now) => store.readState(now),
        replaceControl: (control, costMs) => store.replaceControl(control, costMs),
        lease: (request) => store.lease({ ...request, latestTatEpochMs: Infinity }),
      }),
    });
    expect(Math.max(...worlds.map(({ admitted }) => admitted))).toBeGreaterThan(1);
  });

  it('when it replaces a control that has changed', async () => {
    const worlds = await explore({
      ...PROBE,
      mutate: (store) => ({
        readState: (now) => store.readState(now),
        lease: (request) => store.lease(request),
        replaceControl: (control) => {
          store.state = { tatEpochMs: NOW + LEASE_VALID_MS, control };
          return Promise.resolve('replaced');
        },
      }),
    });
    expect(Math.max(...worlds.map(({ mostChecksAtOnce }) => mostChecksAtOnce))).toBeGreaterThan(1);
  });
});

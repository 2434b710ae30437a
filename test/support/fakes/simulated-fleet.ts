/** Many functions that share one budget, over a Prefect that may be down, in virtual time. */
import { RequestBudget, type BudgetChange, type BudgetSettings } from '../../../lib/budget/request-budget.ts';
import type { Observation } from '../../../lib/budget/control.ts';
import { InMemoryLimiterStore } from './in-memory-limiter-store.ts';

export interface FleetOptions {
  readonly settings: BudgetSettings;
  readonly workers: number;
  readonly batches: number;
  /** When the n-th batch arrives. Default: all at once. */
  readonly arrivesAtMs?: (batch: number) => number;
  /** What Prefect does with a request; default: it takes all. */
  readonly respond?: (atMs: number) => 'created' | 'down' | { readonly retryAfterMs: number };
  readonly random: () => number;
}

export class SimulatedFleet {
  /** Times at which Prefect got a request. */
  readonly requests: number[] = [];
  readonly deadRequests: number[] = [];
  readonly changes: BudgetChange[] = [];
  readonly store = new InMemoryLimiterStore();
  maxReceives = 0;
  created = 0;
  mostProbes = 0;
  #probes = 0;
  #nowMs = 0;
  readonly #timers: { atMs: number; run: () => void }[] = [];
  readonly #options: FleetOptions;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Run until all batches are created, at most until then. */
  async run(untilMs: number): Promise<void> {
    const { workers, batches, arrivesAtMs = () => 0 } = this.#options;
    const queue: { visibleAtMs: number; receives: number }[] = Array.from(
      { length: batches },
      (_, index) => ({
        visibleAtMs: arrivesAtMs(index),
        receives: 0,
      }),
    );
    const isDone = (): boolean => this.created >= batches || this.#nowMs >= untilMs;
    const ends = Array.from({ length: workers }, () => this.#work(queue, isDone));
    const end = { isReached: false };
    void Promise.all(ends).then(() => {
      end.isReached = true;
    });
    while (!end.isReached) {
      await new Promise((resolve) => setImmediate(resolve));
      const timer = this.#timers.shift();
      if (timer === undefined) continue;
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.run();
      while (this.#timers[0] !== undefined && this.#timers[0].atMs <= this.#nowMs)
        this.#timers.shift()?.run();
    }
  }

  /** The most requests in any span of this length. */
  mostWithin(spanMs: number): number {
    const sorted = this.requests.toSorted((a, b) => a - b);
    let most = 0;
    let first = 0;
    for (const [index, atMs] of sorted.entries()) {
      while ((sorted[first] ?? 0) <= atMs - spanMs) first++;
      most = Math.max(most, index - first + 1);
    }
    return most;
  }

  async #work(queue: { visibleAtMs: number; receives: number }[], isDone: () => boolean): Promise<void> {
    const { random } = this.#options;
    const budget = this.#budget();
    while (!isDone()) {
      const next = takeVisible(queue, this.#nowMs);
      if (next === null) {
        await this.#pause(500 + random() * 500);
        continue;
      }
      next.receives++;
      this.maxReceives = Math.max(this.maxReceives, next.receives);
      const admission = await budget.reserve(1, 2_000);
      const held = admission.kind === 'held' ? admission : await budget.admitOne(2_000);
      if (held === null && (await this.#request(budget)) === 'created') {
        this.created++;
        continue;
      }
      const doubledMs = Math.min(300_000, 2_000 * 2 ** (next.receives - 1)) * (0.5 + random() / 2);
      next.visibleAtMs = this.#nowMs + Math.max(held?.retryAfterMs ?? 0, doubledMs);
      queue.push(next);
    }
  }

  async #request(budget: RequestBudget): Promise<'created' | 'failed'> {
    const startedEpochMs = this.#nowMs;
    const answer = this.#answer(startedEpochMs);
    await this.#pause(50 + this.#options.random() * 400);
    await budget.observe({ startedEpochMs, ...observationOf(answer) });
    return answer === 'created' ? 'created' : 'failed';
  }

  #answer(atMs: number) {
    const answer = this.#options.respond?.(atMs) ?? 'created';
    this.requests.push(atMs);
    if (answer === 'down') this.deadRequests.push(atMs);
    return answer;
  }

  #budget(): RequestBudget {
    return new RequestBudget({
      store: this.store,
      settings: this.#options.settings,
      clock: { nowEpochMs: () => Math.floor(this.#nowMs) },
      pause: (ms) => this.#pause(ms),
      check: async () => {
        this.#probes++;
        this.mostProbes = Math.max(this.mostProbes, this.#probes);
        const answer = this.#answer(this.#nowMs);
        await this.#pause(200);
        this.#probes--;
        return answer === 'created';
      },
      onChange: (change) => this.changes.push(change),
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = { atMs: this.#nowMs + Math.max(1, ms), run: resolve };
      let low = 0;
      let high = this.#timers.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((this.#timers[middle]?.atMs ?? 0) <= timer.atMs) low = middle + 1;
        else high = middle;
      }
      this.#timers.splice(low, 0, timer);
    });
  }
}

function takeVisible(queue: { visibleAtMs: number; receives: number }[], nowMs: number) {
  const index = queue.findIndex(({ visibleAtMs }) => visibleAtMs <= nowMs);
  return index === -1 ? null : (queue.splice(index, 1)[0] ?? null);
}

type ObservedKind =
  | { readonly kind: 'success' }
  | { readonly kind: 'failure'; readonly detail: string }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number };

function observationOf(
  answer: 'created' | 'down' | { readonly retryAfterMs: number },
): ObservedKind & Partial<Observation> {
  if (answer === 'created') return { kind: 'success' };
  if (answer === 'down') return { kind: 'failure', detail: '503' };
  return { kind: 'rate-limited', ...answer };
}

/** Admits requests to Prefect: within the budget that all functions share, and not while Prefect is held. */
import type { Clock, HeldBy } from '../ports.ts';
import type { LimiterState, LimiterStore } from './budget-ports.ts';
import {
  admissionOf,
  afterProbe,
  mustCheck,
  observe,
  startProbe,
  type Control,
  type HoldReason,
  type Observation,
} from './control.ts';
import { LEASE_VALID_MS, paceOf, planLease, slotOf } from './pace.ts';

export interface BudgetSettings {
  /** Null: no limit, until Prefect asks for one or has been down. */
  readonly requestsPerMinute: number | null;
  /** `observe` counts what would have been held, and holds nothing. */
  readonly mode: 'enforce' | 'observe';
}

export type AdmissionResult =
  /** So many of the requests may be sent, within seconds. */
  { readonly kind: 'admitted'; readonly count: number } | Held;

export interface Held {
  readonly kind: 'held';
  readonly by: HeldBy;
  readonly detail: string;
  readonly retryAfterMs: number;
}

export interface RequestBudgetOptions {
  readonly store: LimiterStore;
  readonly settings: BudgetSettings;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Whether Prefect takes a request that has nothing to do with any event. */
  readonly check: (timeoutMs: number) => Promise<boolean>;
  readonly onChange?: (change: BudgetChange) => void;
  /** Set for functions that only do work that can wait. */
  readonly isBackground?: boolean;
}

export type BudgetChange =
  | { readonly kind: 'breaker-opened' | 'probe-failed'; readonly detail: string; readonly holdMs: number }
  | { readonly kind: 'breaker-closed'; readonly afterMs: number }
  | { readonly kind: 'held'; readonly by: HeldBy; readonly isEnforced: boolean };

interface Lease {
  readonly kind: 'leased';
  readonly count: number;
  /** A request that was not sent by then needs another lease. */
  readonly untilEpochMs: number;
}

const UNLIMITED: Lease = { kind: 'leased', count: Infinity, untilEpochMs: Infinity };

/** Where no budget is set, the rate from which Prefect is brought back to its load after an outage. */
const RAMP_REQUESTS_PER_MINUTE = 3_000;
/** Redrives and reconciliations take no more than this share of the burst, so that live traffic passes them. */
const BACKGROUND_SHARE = 0.25;
/** How long a control that was read counts as current where nothing has to be leased. */
const CONTROL_CACHE_MS = 5_000;
const MAX_ATTEMPTS = 4;
const PROBE_TIMEOUT_MS = 10_000;
const TABLE_RETRY_MS = 2_000;

export class RequestBudget {
  readonly #options: RequestBudgetOptions;
  #seen: { readonly state: LimiterState; readonly atEpochMs: number } | null = null;
  #leased = { count: 0, untilEpochMs: 0 };
  #share: number;

  constructor(options: RequestBudgetOptions) {
    this.#options = options;
    this.#share = options.isBackground === true ? BACKGROUND_SHARE : 1;
  }

  /** Do work that must leave room for live traffic. A function does one thing at a time. */
  async inBackground<Result>(work: () => Promise<Result>): Promise<Result> {
    const share = this.#share;
    this.#share = BACKGROUND_SHARE;
    try {
      return await work();
    } finally {
      this.#share = share;
    }
  }

  /** Lease up to so many requests ahead, so that nothing is begun in vain. */
  async reserve(wanted: number, maxWaitMs: number): Promise<AdmissionResult> {
    const result = await this.#admit(wanted, maxWaitMs);
    if (result.kind === 'held') return this.#mayHold(result) ? result : { kind: 'admitted', count: wanted };
    const { count, untilEpochMs } = result;
    if (Number.isFinite(count)) this.#leased = { count, untilEpochMs };
    return { kind: 'admitted', count: Math.min(wanted, count) };
  }

  /** Admit one request, by what was leased ahead if that is left. */
  async admitOne(maxWaitMs: number): Promise<Held | null> {
    const { count, untilEpochMs } = this.#leased;
    if (count > 0 && untilEpochMs > this.#options.clock.nowEpochMs()) {
      this.#leased = { count: count - 1, untilEpochMs };
      return null;
    }
    const result = await this.#admit(1, maxWaitMs);
    return result.kind === 'held' && this.#mayHold(result) ? result : null;
  }

  #mayHold({ by }: Held): boolean {
    const isEnforced = this.#options.settings.mode === 'enforce';
    this.#options.onChange?.({ kind: 'held', by, isEnforced });
    return isEnforced;
  }

  /** Note what a response says about Prefect. A note that cannot be stored is lost: the next one says the same. */
  async observe(observation: Observation): Promise<void> {
    const { clock, store, settings } = this.#options;
    if (this.#seen === null || settings.mode === 'observe') return;
    try {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const { state } = this.#seen;
        const nowEpochMs = clock.nowEpochMs();
        const control = observe(state.control, observation, nowEpochMs);
        if (control === state.control) break;
        if (await this.#replace(state, control)) break;
        this.#remember(await store.readState(nowEpochMs));
      }
      if (mustCheck(this.#seen.state.control, clock.nowEpochMs())) await this.#probe(this.#seen.state);
    } catch {
      this.#seen = null;
    }
  }

  async #admit(wanted: number, maxWaitMs: number): Promise<Held | Lease> {
    const share = this.#share;
    try {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const state = await this.#state();
        const nowEpochMs = this.#options.clock.nowEpochMs();
        const admission = admissionOf(state.control, nowEpochMs);
        if (admission.kind === 'held') {
          return held(admission.by, admission.untilEpochMs - nowEpochMs, state.control);
        }
        if (admission.kind === 'probe') {
          // Whatever came of it, the control has changed.
          await this.#probe(state);
          continue;
        }
        const rate = this.#rateOf(state.control);
        if (rate === null) return UNLIMITED;
        const pace = paceOf(rate, state.control.rateShare);
        const wish = { pace, nowEpochMs, wanted, share, maxWaitMs, tatEpochMs: state.tatEpochMs };
        const plan = planLease(wish);
        if (plan.kind === 'wait') return held('budget', plan.waitMs, state.control);
        const result = await this.#options.store.lease({
          version: state.control.version,
          costMs: plan.costMs,
          nowEpochMs,
          latestTatEpochMs: plan.latestTatEpochMs,
          seenTatEpochMs: state.tatEpochMs,
        });
        if (result.kind === 'changed') this.#remember(result.state);
        if (result.kind === 'indeterminate') this.#seen = null;
        if (result.kind !== 'leased') continue;
        this.#remember({ ...state, tatEpochMs: result.tatEpochMs });
        const slotEpochMs = slotOf(result.tatEpochMs, wish);
        if (slotEpochMs > nowEpochMs) await this.#options.pause(slotEpochMs - nowEpochMs);
        return { kind: 'leased', count: plan.count, untilEpochMs: slotEpochMs + LEASE_VALID_MS };
      }
    } catch {
      this.#seen = null;
      // Without a budget to keep there is no reason to hold anything.
      if (this.#options.settings.requestsPerMinute === null) {
        return UNLIMITED;
      }
      return held('table', TABLE_RETRY_MS, null);
    }
    return held('budget', TABLE_RETRY_MS, null);
  }

  /** Check Prefect, if no other function does. */
  async #probe(state: LimiterState): Promise<void> {
    const { check, clock, onChange } = this.#options;
    const startedEpochMs = clock.nowEpochMs();
    const probing = startProbe(state.control, startedEpochMs, PROBE_TIMEOUT_MS);
    if (!(await this.#replace(state, probing, true))) {
      this.#seen = null;
      return;
    }
    // A probe that outlives its time would be one of two.
    const hasPassed = await check(PROBE_TIMEOUT_MS - 1_000);
    const control = await this.#conclude(probing, hasPassed);
    const { openedEpochMs } = state.control;
    if (control === null) return;
    const nowEpochMs = clock.nowEpochMs();
    if (!hasPassed) {
      onChange?.({
        kind: openedEpochMs === null ? 'breaker-opened' : 'probe-failed',
        detail: control.lastFailure,
        holdMs: control.heldUntilEpochMs - nowEpochMs,
      });
    } else if (openedEpochMs !== null) {
      onChange?.({ kind: 'breaker-closed', afterMs: nowEpochMs - openedEpochMs });
    }
  }

  /** Others may have noted responses during the probe. Null if another probe has begun since: then that one counts. */
  async #conclude({ probeUntilEpochMs }: Control, hasPassed: boolean): Promise<Control | null> {
    const { clock, store } = this.#options;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const nowEpochMs = clock.nowEpochMs();
      const state = await store.readState(nowEpochMs);
      if (state.control.probeUntilEpochMs !== probeUntilEpochMs) break;
      const control = afterProbe(state.control, hasPassed, nowEpochMs);
      if (await this.#replace(state, control)) return control;
    }
    this.#seen = null;
    return null;
  }

  async #replace(state: LimiterState, control: Control, isProbe = false): Promise<boolean> {
    const rate = this.#rateOf(state.control);
    const costMs = isProbe && rate !== null ? paceOf(rate, state.control.rateShare).intervalMs : 0;
    const result = await this.#options.store.replaceControl(control, costMs);
    if (result !== 'replaced') return false;
    this.#remember({ tatEpochMs: state.tatEpochMs + costMs, control });
    return true;
  }

  /** Requests a minute when the whole rate is in use; null when nothing is limited. */
  #rateOf({ rateShare }: Control): number | null {
    const { requestsPerMinute } = this.#options.settings;
    return requestsPerMinute ?? (rateShare < 1 ? RAMP_REQUESTS_PER_MINUTE : null);
  }

  async #state(): Promise<LimiterState> {
    const nowEpochMs = this.#options.clock.nowEpochMs();
    if (this.#seen !== null && nowEpochMs - this.#seen.atEpochMs < CONTROL_CACHE_MS) return this.#seen.state;
    const state = await this.#options.store.readState(nowEpochMs);
    this.#remember(state);
    return state;
  }

  #remember(state: LimiterState): void {
    this.#seen = { state, atEpochMs: this.#options.clock.nowEpochMs() };
  }
}

function held(by: HoldReason | 'budget' | 'table', retryAfterMs: number, control: Control | null): Held {
  const wait = { retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) };
  switch (by) {
    case 'budget':
      return { kind: 'held', by: 'budget', detail: 'the budget of requests to Prefect is used up', ...wait };
    case 'table':
      return { kind: 'held', by: 'budget', detail: 'the budget of requests could not be read', ...wait };
    case 'retry-after':
      return { kind: 'held', by: 'prefect', detail: 'Prefect asked to wait', ...wait };
    case 'maintenance':
      return { kind: 'held', by: 'prefect', detail: 'Prefect is in maintenance', ...wait };
    case 'outage':
      return {
        kind: 'held',
        by: 'breaker',
        detail: control?.lastFailure ?? 'Prefect is not available',
        ...wait,
      };
  }
}

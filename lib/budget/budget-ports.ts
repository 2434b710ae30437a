/** What the budget needs from outside. */
import type { Control } from './control.ts';

/** All that functions share about one Prefect API. */
export interface LimiterState {
  /** Up to when the budget is spent. */
  readonly tatEpochMs: number;
  readonly control: Control;
}

export interface LeaseRequest {
  /** The lease holds under this control only. */
  readonly version: number;
  readonly costMs: number;
  readonly nowEpochMs: number;
  /** `tat` must not be later before the cost is added. */
  readonly latestTatEpochMs: number;
  /** What was seen of `tat`: says which of two forms of the request is tried. */
  readonly seenTatEpochMs: number;
}

export type LeaseResult =
  | { readonly kind: 'leased'; readonly tatEpochMs: number }
  /** Nothing was leased; this is what is there. */
  | { readonly kind: 'changed'; readonly state: LimiterState }
  | { readonly kind: 'indeterminate' };

export interface LimiterStore {
  /** Creates the state if there is none. Throws when it cannot be read. */
  readState(nowEpochMs: number): Promise<LimiterState>;
  /** `leased.tatEpochMs` is the least that `tat` can be now: others may have added to it meanwhile. */
  lease(request: LeaseRequest): Promise<LeaseResult>;
  /** Replaces the control if it has the version before this one, and adds the cost to `tat`. */
  replaceControl(control: Control, costMs: number): Promise<'replaced' | 'changed' | 'indeterminate'>;
}

import type {
  LeaseRequest,
  LeaseResult,
  LimiterState,
  LimiterStore,
} from '../../../lib/budget/budget-ports.ts';
import { INITIAL_CONTROL, type Control } from '../../../lib/budget/control.ts';

/** The state of one Prefect API in memory: it passes the contract suite of the table. */
export class InMemoryLimiterStore implements LimiterStore {
  state: LimiterState | null = null;
  writes = 0;

  readState(nowEpochMs: number): Promise<LimiterState> {
    this.state ??= { tatEpochMs: nowEpochMs, control: INITIAL_CONTROL };
    return Promise.resolve(this.state);
  }

  lease(request: LeaseRequest): Promise<LeaseResult> {
    const { version, costMs, nowEpochMs, latestTatEpochMs, seenTatEpochMs } = request;
    this.writes++;
    const state = this.state;
    if (state === null) return Promise.resolve({ kind: 'indeterminate' });
    const isBusy = seenTatEpochMs >= nowEpochMs;
    const isMet = isBusy
      ? state.tatEpochMs >= nowEpochMs && state.tatEpochMs <= latestTatEpochMs
      : state.tatEpochMs < nowEpochMs;
    if (!isMet || state.control.version !== version) return Promise.resolve({ kind: 'changed', state });
    const tatEpochMs = (isBusy ? state.tatEpochMs : nowEpochMs) + costMs;
    this.state = { ...state, tatEpochMs };
    return Promise.resolve({ kind: 'leased', tatEpochMs });
  }

  replaceControl(control: Control, costMs: number): Promise<'replaced' | 'changed'> {
    this.writes++;
    if (this.state?.control.version !== control.version - 1) return Promise.resolve('changed');
    this.state = { tatEpochMs: this.state.tatEpochMs + costMs, control };
    return Promise.resolve('replaced');
  }
}

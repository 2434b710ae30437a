/**
 * What all functions know of Prefect together: whether it is held, how much of the budget is in use, and whether the
 * breaker is open. It changes rarely, and only from the version that was read.
 *
 *   closed ── 5 failures in a row ──▶ one function checks ── it fails ──▶ open ── hold is over ──▶ one function probes
 *     ▲                                       │ it passes                  ▲                            │
 *     └───────────────────────────────────────┘                            └── it fails: longer hold ───┤
 *     └──────────────────────── it passes: closed, at a sixteenth of the rate ──────────────────────────┘
 *
 * A check is a request that has nothing to do with any event. So input that Prefect answers with 500 opens nothing, and
 * a batch that always fails cannot keep the breaker open.
 */

export interface Control {
  readonly version: number;
  /** No request is sent before; 0 when there is no hold. */
  readonly heldUntilEpochMs: number;
  readonly heldBy: HoldReason | null;
  /** From a sixteenth to 1: how much of the budget is in use. */
  readonly rateShare: number;
  readonly rateChangedEpochMs: number;
  readonly failures: number;
  readonly lastFailureEpochMs: number;
  /** What the last failure was. */
  readonly lastFailure: string;
  /** Since when the breaker is open; null when it is closed. */
  readonly openedEpochMs: number | null;
  readonly failedProbes: number;
  /** Until then one function checks whether Prefect is back. */
  readonly probeUntilEpochMs: number;
}

export type HoldReason = 'retry-after' | 'maintenance' | 'outage';

export const INITIAL_CONTROL: Control = {
  version: 1,
  heldUntilEpochMs: 0,
  heldBy: null,
  rateShare: 1,
  rateChangedEpochMs: 0,
  failures: 0,
  lastFailureEpochMs: 0,
  lastFailure: '',
  openedEpochMs: null,
  failedProbes: 0,
  probeUntilEpochMs: 0,
};

/** What a response of Prefect says about Prefect. */
export type Observation = {
  /** When its request was sent. */
  readonly startedEpochMs: number;
} & (
  | { readonly kind: 'success' }
  | { readonly kind: 'failure'; readonly detail: string }
  | { readonly kind: 'rate-limited' | 'maintenance'; readonly retryAfterMs: number | null }
);

const FAILURES_UNTIL_CHECK = 5;
/** Failures that are further apart are not in a row. */
const FAILURE_MEMORY_MS = 60_000;
export const LOWEST_RATE_SHARE = 1 / 16;
const RATE_STEP_MS = 10_000;
const RATE_LIMITED_HOLD_MS = 1_000;
const MAINTENANCE_HOLD_MS = 30_000;
const LONGEST_HOLD_MS = 15 * 60_000;
const FIRST_OUTAGE_HOLD_MS = 5_000;
const LONGEST_OUTAGE_HOLD_MS = 120_000;

export type Admission =
  | { readonly kind: 'open' }
  | { readonly kind: 'probe' }
  | { readonly kind: 'held'; readonly by: HoldReason; readonly untilEpochMs: number };

/** Whether requests may be sent now. `probe`: not before a check has passed, which nothing else does at the moment. */
export function admissionOf(control: Control, nowEpochMs: number): Admission {
  const { heldUntilEpochMs, heldBy, openedEpochMs, probeUntilEpochMs } = control;
  if (heldUntilEpochMs > nowEpochMs) {
    return { kind: 'held', by: heldBy ?? 'outage', untilEpochMs: heldUntilEpochMs };
  }
  if (openedEpochMs === null) return { kind: 'open' };
  if (probeUntilEpochMs > nowEpochMs) return { kind: 'held', by: 'outage', untilEpochMs: probeUntilEpochMs };
  return { kind: 'probe' };
}

/** Return the control after a response; the same one if it says nothing new. */
export function observe(control: Control, observation: Observation, nowEpochMs: number): Control {
  switch (observation.kind) {
    case 'success':
      return afterSuccess(control, observation.startedEpochMs, nowEpochMs);
    case 'failure':
      return afterFailure(control, observation.detail, nowEpochMs);
    case 'rate-limited': {
      const held = hold(control, 'retry-after', observation.retryAfterMs ?? RATE_LIMITED_HOLD_MS, nowEpochMs);
      // Of requests that were sent at the same time one halves the rate.
      if (observation.startedEpochMs <= control.rateChangedEpochMs) return held;
      return next(control, {
        heldUntilEpochMs: held.heldUntilEpochMs,
        heldBy: held.heldBy,
        rateShare: Math.max(LOWEST_RATE_SHARE, control.rateShare / 2),
        rateChangedEpochMs: nowEpochMs,
      });
    }
    case 'maintenance':
      return hold(control, 'maintenance', observation.retryAfterMs ?? MAINTENANCE_HOLD_MS, nowEpochMs);
  }
}

/** Whether so many requests failed that Prefect has to be checked, which nothing else does at the moment. */
export function mustCheck(control: Control, nowEpochMs: number): boolean {
  const { failures, openedEpochMs, probeUntilEpochMs } = control;
  return openedEpochMs === null && failures >= FAILURES_UNTIL_CHECK && probeUntilEpochMs <= nowEpochMs;
}

export function startProbe(control: Control, nowEpochMs: number, timeoutMs: number): Control {
  return next(control, { probeUntilEpochMs: nowEpochMs + timeoutMs });
}

export function afterProbe(control: Control, hasPassed: boolean, nowEpochMs: number): Control {
  if (hasPassed) {
    const isRecovery = control.openedEpochMs !== null;
    return next(control, {
      openedEpochMs: null,
      failedProbes: 0,
      failures: 0,
      probeUntilEpochMs: 0,
      ...(isRecovery && { rateShare: LOWEST_RATE_SHARE, rateChangedEpochMs: nowEpochMs }),
    });
  }
  const outageHoldMs = Math.min(LONGEST_OUTAGE_HOLD_MS, FIRST_OUTAGE_HOLD_MS * 2 ** control.failedProbes);
  return next(control, {
    openedEpochMs: control.openedEpochMs ?? nowEpochMs,
    failedProbes: control.failedProbes + 1,
    heldUntilEpochMs: Math.max(control.heldUntilEpochMs, nowEpochMs + outageHoldMs),
    heldBy: 'outage',
    probeUntilEpochMs: 0,
  });
}

/** A success that was sent before the last failure says nothing: Prefect may have gone down in between. */
function afterSuccess(control: Control, startedEpochMs: number, nowEpochMs: number): Control {
  if (control.openedEpochMs !== null) return control;
  const isReset = control.failures > 0 && startedEpochMs > control.lastFailureEpochMs;
  const isRaise = control.rateShare < 1 && nowEpochMs - control.rateChangedEpochMs >= RATE_STEP_MS;
  if (!isReset && !isRaise) return control;
  return next(control, {
    ...(isReset && { failures: 0 }),
    ...(isRaise && {
      rateShare: Math.min(1, control.rateShare + LOWEST_RATE_SHARE),
      rateChangedEpochMs: nowEpochMs,
    }),
  });
}

function afterFailure(control: Control, detail: string, nowEpochMs: number): Control {
  const isChecked = control.failures >= FAILURES_UNTIL_CHECK && control.probeUntilEpochMs > nowEpochMs;
  if (control.openedEpochMs !== null || isChecked) return control;
  const isInARow = nowEpochMs - control.lastFailureEpochMs <= FAILURE_MEMORY_MS;
  return next(control, {
    failures: (isInARow ? control.failures : 0) + 1,
    lastFailureEpochMs: nowEpochMs,
    lastFailure: detail,
  });
}

function hold(control: Control, heldBy: HoldReason, forMs: number, nowEpochMs: number): Control {
  const heldUntilEpochMs = nowEpochMs + Math.min(LONGEST_HOLD_MS, Math.max(0, forMs));
  if (heldUntilEpochMs <= control.heldUntilEpochMs) return control;
  return next(control, { heldUntilEpochMs, heldBy });
}

function next(control: Control, changes: Partial<Control>): Control {
  return { ...control, ...changes, version: control.version + 1 };
}

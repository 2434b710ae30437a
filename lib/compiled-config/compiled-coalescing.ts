/** The coalescing of events, as the functions read it (see `compiled.ts`). */

export type CompiledCoalescing = { readonly mode: 'none' } | CompiledInvocation | CompiledWindowing;

interface CompiledCaps {
  /** CEL over `event`; null when all events of the route may share a run. */
  readonly key: string | null;
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export interface CompiledInvocation extends CompiledCaps {
  readonly mode: 'invocation';
}

/** Batches that outlive an invocation. */
export type CompiledWindowing = CompiledWindow | CompiledClock | CompiledDebounce | CompiledSliding;

/** Closed `maxWaitSeconds` after its first event, or when full. */
export interface CompiledWindow extends CompiledCaps {
  readonly mode: 'window';
  readonly maxWaitSeconds: number;
  /** CEL over `event`: a matching event closes the window at once, with itself in it. */
  readonly bypassWhen: string | null;
}

/** Closed at the times of a schedule, whatever comes. */
export interface CompiledClock extends CompiledCaps {
  readonly mode: 'clock';
  /** The schedule as it was configured, for people. */
  readonly at: string;
  readonly closings: ClosingSchedule;
}

/** Patterns of `croner`, with seconds, in a time zone (see `lib/windows/closing-times.ts`). */
export interface ClosingSchedule {
  readonly patterns: readonly string[];
  readonly zone: string;
}

/** Closed `quietSeconds` after its last event, `maxWaitSeconds` after its first one, or when full. */
export interface CompiledDebounce extends CompiledCaps {
  readonly mode: 'debounce';
  readonly quietSeconds: number;
  readonly maxWaitSeconds: number;
  readonly bypassWhen: string | null;
}

/** Overlapping windows of `sizeSeconds`, one every `everySeconds`, which divides it. */
export interface CompiledSliding extends CompiledCaps {
  readonly mode: 'sliding';
  readonly sizeSeconds: number;
  readonly everySeconds: number;
}

/** Tell whether batches outlive an invocation. */
export function isWindowing(coalescing: CompiledCoalescing): coalescing is CompiledWindowing {
  return coalescing.mode !== 'none' && coalescing.mode !== 'invocation';
}

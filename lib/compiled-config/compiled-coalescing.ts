/** Which events share a flow run, as the functions see it (see `compiled.ts`). */

export type CompiledCoalescing = { readonly mode: 'none' } | CompiledInvocation | CompiledWindowing;

interface CompiledCaps {
  /** CEL over `event`; null: all events of the route may share a run. */
  readonly key: string | null;
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export interface CompiledInvocation extends CompiledCaps {
  readonly mode: 'invocation';
}

/** Batches that outlive an invocation. */
export type CompiledWindowing = CompiledWindow | CompiledDebounce | CompiledSliding;

/** Closed so long after its first event, or when full. */
export interface CompiledWindow extends CompiledCaps {
  readonly mode: 'window';
  readonly maxWaitSeconds: number;
  /** CEL over `event`: an event for which the window is closed at once, with the event in it. */
  readonly bypassWhen: string | null;
}

/** Closed when nothing came for so long, and at the latest so long after its first event, or when full. */
export interface CompiledDebounce extends CompiledCaps {
  readonly mode: 'debounce';
  readonly quietSeconds: number;
  readonly maxWaitSeconds: number;
  readonly bypassWhen: string | null;
}

/** Overlapping windows of `size`, one every `every`, which divides it. */
export interface CompiledSliding extends CompiledCaps {
  readonly mode: 'sliding';
  readonly sizeSeconds: number;
  readonly everySeconds: number;
}

/** Whether batches outlive an invocation. */
export function isWindowing(coalescing: CompiledCoalescing): coalescing is CompiledWindowing {
  return coalescing.mode !== 'none' && coalescing.mode !== 'invocation';
}

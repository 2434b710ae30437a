/** The parameters of a run that is about to be created, with what is too large for Prefect put into S3 before. */
import { requestTimeoutMs } from '../deadline.ts';
import { parametersOf, type Batch } from '../batching/batch.ts';
import { runWindowOf } from '../batching/run-window.ts';
import type { Deadline, FlowRunResult, OverflowStore } from '../ports.ts';
import { overflow, type Overflowed } from '../prefect/overflow.ts';
import type { RoutedEvent } from '../routing/route.ts';

export type ReadyParameters =
  | { readonly kind: 'ready'; readonly parametersJson: string }
  /** As Prefect would refuse it: the protocol shrinks the batch until it stands. */
  | Extract<FlowRunResult, { kind: 'refused' | 'unavailable' }>;

type Unavailable = Extract<ReadyParameters, { kind: 'unavailable' }>;

export interface StoreContext {
  readonly requestTimeoutMs: number;
  readonly deadline: Deadline;
}

/** One per invocation. */
export class RunParameters {
  readonly #store: OverflowStore | null;
  readonly #context: StoreContext;
  /** Set once an object could not be stored: the others are not even tried. */
  #outage: Unavailable | null = null;

  /** Without a store for routes none of which says `overflow: s3`, or does so any more. */
  constructor(store: OverflowStore | null, context: StoreContext) {
    this.#store = store;
    this.#context = context;
  }

  /** Render the parameters of these events, which are all of the batch or some of it. */
  async make(batch: Batch, events: readonly RoutedEvent[], batchId: string): Promise<ReadyParameters> {
    if (events.length === batch.events.length && batch.parametersJson !== null) {
      return { kind: 'ready', parametersJson: batch.parametersJson };
    }
    const parameters = parametersOf(batch.route, events, runWindowOf(batch, events));
    switch (parameters.kind) {
      case 'rendered':
        return { kind: 'ready', parametersJson: parameters.parametersJson };
      case 'rejected':
        return refused(parameters.rejection.detail);
      case 'overflowing': {
        if (this.#store === null) return refused(`${parameters.detail}, and there is no bucket for them`);
        const { bucket } = this.#store;
        const place = { bucket, routeName: batch.route.config.name, batchId };
        return this.#stored(this.#store, overflow(parameters.parameters, place));
      }
    }
  }

  /** A run never refers to what is not there. If it is not created after all, S3 lets the objects expire. */
  async #stored(store: OverflowStore, overflowed: Overflowed): Promise<ReadyParameters> {
    if (overflowed.kind === 'too-large') {
      return refused(`the parameters are ${overflowed.size} bytes even as references; pass fewer of them`);
    }
    for (const object of overflowed.objects) {
      if (this.#outage !== null) return this.#outage;
      const timeoutMs = requestTimeoutMs('request', this.#context.requestTimeoutMs, this.#context.deadline);
      if (timeoutMs === null) return unavailable('the invocation is out of time');
      const result = await store.storeObject(object, timeoutMs);
      if (result.kind === 'stored') continue;
      this.#outage = { ...unavailable(result.detail), part: 'overflow-store' };
      return this.#outage;
    }
    return { kind: 'ready', parametersJson: overflowed.parametersJson };
  }
}

function refused(detail: string): Extract<ReadyParameters, { kind: 'refused' }> {
  return { kind: 'refused', status: 0, detail };
}

function unavailable(detail: string): Unavailable {
  return { kind: 'unavailable', status: 0, detail, retryAfterMs: null };
}

/** The counts of a redrive: what it found, and what became of it. */
import type { DeadLetterSummary } from '../dead-letters/dead-letter-message.ts';
import type { RedriveResult, RedriveResultKind } from './invocation-protocol.ts';

export interface DeadLetterCount {
  readonly source: string;
  readonly route: string | null;
  readonly code: string;
  readonly count: number;
}

/** Equal results: those that differ in their detail have different causes, and are counted apart. */
export interface RedriveResultCount {
  readonly kind: RedriveResultKind;
  readonly route: string | null;
  /** The code of a rejection, or of the reason for a retry. */
  readonly code: string | null;
  readonly detail: string | null;
  readonly count: number;
  /** The ids of the first few events. */
  readonly eventIds: readonly string[];
}

/** Messages that stay in the queue without any function being invoked, by reason. */
export interface Untouched {
  /** Dead letters that the filter does not select. */
  readonly filteredOut: number;
  /** Messages that are not dead letters. */
  readonly unrecognized: number;
  /** Parts of dead letters whose other parts are missing. A whole dead letter was written on the next delivery. */
  readonly incompleteParts: number;
  /** Dead letters that are larger than the payload of a Lambda invocation. */
  readonly tooLarge: number;
  /** Dead letters of sources for which the stack has no function, by source. */
  readonly withoutFunction: Readonly<Record<string, number>>;
}

export interface RedriveTotals {
  /** The selected dead letters, whatever became of them. */
  readonly deadLetters: readonly DeadLetterCount[];
  readonly results: readonly RedriveResultCount[];
  readonly flowRuns: number;
  readonly plannedRuns: Readonly<Record<string, number>>;
  readonly untouched: Untouched;
  /** Settled dead letters that SQS did not delete: redriven again, they are duplicates. */
  readonly undeleted: number;
  /** Why the redrive stopped before the queues were empty. */
  readonly stopped: 'limit' | 'interrupted' | 'no-progress' | null;
}

/**
 * Details may name what is wrong with one event, and so may all differ. Beyond this many of one kind, route and code,
 * the rest is counted without its detail.
 */
const MAX_DETAILS = 20;
const EVENT_IDS_PER_RESULT = 5;

export class RedriveTally {
  readonly #deadLetters = new Map<string, DeadLetterCount>();
  readonly #results = new Map<string, RedriveResultCount>();
  readonly #detailCounts = new Map<string, number>();
  readonly #flowRunIds = new Set<string>();
  readonly #plannedRuns = new Map<string, number>();
  readonly #withoutFunction = new Map<string, number>();
  readonly #untouched = { filteredOut: 0, unrecognized: 0, incompleteParts: 0, tooLarge: 0 };
  #undeleted = 0;
  stopped: RedriveTotals['stopped'] = null;

  addDeadLetter({ source, route, code }: DeadLetterSummary): void {
    const key = JSON.stringify([source, route, code]);
    const { count } = this.#deadLetters.get(key) ?? { count: 0 };
    this.#deadLetters.set(key, { source, route, code, count: count + 1 });
  }

  addResult({ kind, route, code, detail, flowRunIds }: RedriveResult, eventId: string | null): void {
    const counted = { kind, route, code, detail: this.#countedDetail({ kind, route, code, detail }) };
    const key = JSON.stringify(counted);
    const { count, eventIds } = this.#results.get(key) ?? { count: 0, eventIds: [] };
    const ids = eventId === null ? eventIds : [...eventIds, eventId].slice(0, EVENT_IDS_PER_RESULT);
    this.#results.set(key, { ...counted, count: count + 1, eventIds: ids });
    if (kind === 'created') for (const each of flowRunIds) this.#flowRunIds.add(each);
  }

  addPlannedRuns(runs: Readonly<Record<string, number>>): void {
    for (const [route, count] of Object.entries(runs)) {
      this.#plannedRuns.set(route, (this.#plannedRuns.get(route) ?? 0) + count);
    }
  }

  addUntouched(reason: Exclude<keyof Untouched, 'withoutFunction'>, count = 1): void {
    this.#untouched[reason] += count;
  }

  addWithoutFunction(source: string): void {
    this.#withoutFunction.set(source, (this.#withoutFunction.get(source) ?? 0) + 1);
  }

  addUndeleted(count: number): void {
    this.#undeleted += count;
  }

  get totals(): RedriveTotals {
    return {
      deadLetters: [...this.#deadLetters.values()],
      results: [...this.#results.values()],
      flowRuns: this.#flowRunIds.size,
      plannedRuns: Object.fromEntries(this.#plannedRuns),
      untouched: { ...this.#untouched, withoutFunction: Object.fromEntries(this.#withoutFunction) },
      undeleted: this.#undeleted,
      stopped: this.stopped,
    };
  }

  #countedDetail({
    kind,
    route,
    code,
    detail,
  }: Omit<RedriveResultCount, 'count' | 'eventIds'>): string | null {
    if (detail === null || this.#results.has(JSON.stringify({ kind, route, code, detail }))) return detail;
    const key = JSON.stringify([kind, route, code]);
    const known = this.#detailCounts.get(key) ?? 0;
    if (known === MAX_DETAILS) return null;
    this.#detailCounts.set(key, known + 1);
    return detail;
  }
}

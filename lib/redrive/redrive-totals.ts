/** What a redrive found and did, counted. */
import type { FateKind, LetterFate } from './invocation-protocol.ts';
import type { LetterFacts } from '../dead-letters/dead-letter-message.ts';

export interface LetterCount {
  readonly source: string;
  readonly route: string | null;
  readonly code: string;
  readonly count: number;
}

export interface FateCount {
  readonly kind: FateKind;
  readonly route: string | null;
  /** Of a rejection or of a reason to wait. */
  readonly code: string | null;
  /** Of the first of them. */
  readonly detail: string | null;
  readonly count: number;
}

/** Why messages stay in the queue that no function was asked about. */
export interface Untouched {
  /** Letters that the filter does not mean. */
  readonly otherLetters: number;
  /** Messages that are no letters. */
  readonly foreign: number;
  /** Parts of letters whose other parts were not there: a whole letter was written when the record came again. */
  readonly incompleteParts: number;
  /** Letters above what an invocation of Lambda can hold. */
  readonly tooLarge: number;
  /** By source: letters for which the stack has no function. */
  readonly withoutFunction: Readonly<Record<string, number>>;
}

export interface RedriveTotals {
  /** The letters that were meant, whatever became of them. */
  readonly letters: readonly LetterCount[];
  readonly fates: readonly FateCount[];
  readonly flowRuns: number;
  readonly plannedRuns: Readonly<Record<string, number>>;
  readonly untouched: Untouched;
  /** Settled letters that SQS would not delete: redriven again, they are duplicates. */
  readonly undeleted: number;
  /** Why it ended before the queues were read to their end. */
  readonly stopped: 'limit' | 'interrupted' | 'nothing-settles' | null;
}

export class RedriveTally {
  readonly #letters = new Map<string, LetterCount>();
  readonly #fates = new Map<string, FateCount>();
  readonly #flowRunIds = new Set<string>();
  readonly #plannedRuns = new Map<string, number>();
  readonly #withoutFunction = new Map<string, number>();
  readonly #untouched = { otherLetters: 0, foreign: 0, incompleteParts: 0, tooLarge: 0 };
  #undeleted = 0;
  stopped: RedriveTotals['stopped'] = null;

  addLetter({ source, route, code }: LetterFacts): void {
    const key = JSON.stringify([source, route, code]);
    const { count } = this.#letters.get(key) ?? { count: 0 };
    this.#letters.set(key, { source, route, code, count: count + 1 });
  }

  addFate({ kind, route, code, detail, flowRunIds }: LetterFate): void {
    const key = JSON.stringify([kind, route, code]);
    const known = this.#fates.get(key) ?? { kind, route, code, detail, count: 0 };
    this.#fates.set(key, { ...known, count: known.count + 1 });
    if (kind === 'created') for (const each of flowRunIds) this.#flowRunIds.add(each);
  }

  addPlannedRuns(runs: Readonly<Record<string, number>>): void {
    for (const [route, count] of Object.entries(runs)) {
      this.#plannedRuns.set(route, (this.#plannedRuns.get(route) ?? 0) + count);
    }
  }

  addUntouched(why: 'otherLetters' | 'foreign' | 'incompleteParts' | 'tooLarge', count = 1): void {
    this.#untouched[why] += count;
  }

  addWithoutFunction(source: string): void {
    this.#withoutFunction.set(source, (this.#withoutFunction.get(source) ?? 0) + 1);
  }

  addUndeleted(count: number): void {
    this.#undeleted += count;
  }

  get totals(): RedriveTotals {
    return {
      letters: [...this.#letters.values()],
      fates: [...this.#fates.values()],
      flowRuns: this.#flowRunIds.size,
      plannedRuns: Object.fromEntries(this.#plannedRuns),
      untouched: { ...this.#untouched, withoutFunction: Object.fromEntries(this.#withoutFunction) },
      undeleted: this.#undeleted,
      stopped: this.stopped,
    };
  }
}

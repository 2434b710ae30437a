/** Statistics of the creates of an execution environment: enough to tell a bad request from a Prefect that is down. */
import type { FailureEvidence } from './poison-detection.ts';

/** Forgotten failures only delay suspicion; an unbounded memory would be a leak. */
const MAX_REMEMBERED_REQUESTS = 1_000;

interface Remembered {
  failures: number;
  readonly createdBefore: number;
  readonly failedBefore: number;
}

/** A request is named by its idempotency key and its members: a part of a batch is a request of its own. */
export class CreateFailureStats {
  #created = 0;
  #failed = 0;
  readonly #failing = new Map<string, Remembered>();

  created(requestName: string): void {
    this.#created += 1;
    this.#failing.delete(requestName);
  }

  /** Answered with 500 or 503. */
  failed(requestName: string): FailureEvidence {
    const remembered = this.#failing.get(requestName) ?? this.#remember(requestName);
    remembered.failures += 1;
    this.#failed += 1;
    const { failures, createdBefore, failedBefore } = remembered;
    return {
      failures,
      othersCreated: this.#created - createdBefore,
      othersFailed: this.#failed - failedBefore - failures,
    };
  }

  #remember(requestName: string): Remembered {
    if (this.#failing.size >= MAX_REMEMBERED_REQUESTS) this.#failing.clear();
    const remembered = { failures: 0, createdBefore: this.#created, failedBefore: this.#failed };
    this.#failing.set(requestName, remembered);
    return remembered;
  }
}

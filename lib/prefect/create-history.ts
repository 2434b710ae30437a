/** What an execution environment remembers of its creates: enough to tell a bad batch from a Prefect that is down. */

/** Forgotten failures only delay suspicion; an unbounded memory would be a leak. */
const MAX_REMEMBERED_FAILURES = 1_000;

export class CreateHistory {
  #created = 0;
  /** By batch id: how many creates had succeeded when the batch failed first. */
  readonly #createdAtFirstFailure = new Map<string, number>();

  created(batchId: string): void {
    this.#created += 1;
    this.#createdAtFirstFailure.delete(batchId);
  }

  failed(batchId: string): void {
    if (this.#createdAtFirstFailure.has(batchId)) return;
    if (this.#createdAtFirstFailure.size >= MAX_REMEMBERED_FAILURES) this.#createdAtFirstFailure.clear();
    this.#createdAtFirstFailure.set(batchId, this.#created);
  }

  /** Whether Prefect took another batch since this one failed first. */
  othersCreatedSince(batchId: string): boolean {
    return this.#created > (this.#createdAtFirstFailure.get(batchId) ?? Infinity);
  }
}

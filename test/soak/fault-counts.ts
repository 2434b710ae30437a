/** Counts, for each kind of fault, how often it was injected and what it met. */
export interface FaultCount {
  readonly name: string;
  times: number;
  /** Requests, runs, items or events that it met. */
  met: number;
  readonly unit: string;
}

export class FaultCounts {
  readonly #counts = new Map<string, FaultCount>();

  get all(): readonly FaultCount[] {
    return [...this.#counts.values()];
  }

  register(name: string, unit = ''): void {
    this.#counts.set(name, { name, times: 0, met: 0, unit });
  }

  of(name: string): FaultCount {
    const count = this.#counts.get(name);
    if (count === undefined) throw new Error(`The fault "${name}" is not registered.`);
    return count;
  }
}

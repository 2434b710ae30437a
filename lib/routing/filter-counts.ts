/** Counts the events that the filter of each route left out, whatever other routes made of them. */
export class FilterCounts {
  #byRoute = new Map<string, number>();

  add(counts: ReadonlyMap<string, number>): void {
    for (const [route, count] of counts) this.#byRoute.set(route, (this.#byRoute.get(route) ?? 0) + count);
  }

  /** Return the counts since the last time. */
  take(): ReadonlyMap<string, number> {
    const counts = this.#byRoute;
    this.#byRoute = new Map();
    return counts;
  }
}

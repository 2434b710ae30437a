/** Random decisions that a seed repeats, as far as processes and clocks do. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1: mulberry32, by Tommy Ettinger. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  isTrue(probability: number): boolean {
    return this.next() < probability;
  }

  /** From 1 to `highest`. */
  upTo(highest: number): number {
    return 1 + Math.floor(this.next() * highest);
  }

  oneOf<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.next() * items.length)] ?? items[0];
  }

  /** Return the same items in another order: Fisher and Yates. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const shuffled: Item[] = [];
    for (const [index, item] of items.entries()) {
      const place = this.upTo(index + 1) - 1;
      const moved = shuffled[place];
      if (moved !== undefined) shuffled[index] = moved;
      shuffled[place] = item;
    }
    return shuffled;
  }
}

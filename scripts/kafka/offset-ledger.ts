/** Tracks which offset of each partition may be committed: all records below it are finished. */

interface PartitionState {
  /** Unfinished offsets, ascending. */
  readonly pending: Set<number>;
  /** The position of the next fetch: one past everything that was read, including the ends of transactions. */
  position: bigint;
  committed: bigint;
}

export interface CommittableOffset {
  readonly topicPartition: string;
  /** The offset of the first unfinished record, as Kafka expects it. */
  readonly offset: bigint;
}

export class OffsetLedger {
  readonly #partitions = new Map<string, PartitionState>();

  /** Start tracking an assigned partition from this offset. */
  open(topicPartition: string, position: bigint): void {
    this.#partitions.set(topicPartition, { pending: new Set(), position, committed: position });
  }

  /** Stop tracking a lost partition: none of its offsets may be committed any more. */
  close(topicPartition: string): void {
    this.#partitions.delete(topicPartition);
  }

  has(topicPartition: string): boolean {
    return this.#partitions.has(topicPartition);
  }

  /** @throws if the partition is not tracked */
  positionOf(topicPartition: string): bigint {
    return this.#stateOf(topicPartition).position;
  }

  /** Add fetched records in their order, and the position of the next fetch. */
  advance(topicPartition: string, offsets: readonly number[], position: bigint): void {
    const state = this.#stateOf(topicPartition);
    for (const offset of offsets) state.pending.add(offset);
    state.position = position;
  }

  /** Finishing a record of a lost partition is allowed, because the loss may be noticed late. */
  markDone(topicPartition: string, offset: number): void {
    this.#partitions.get(topicPartition)?.pending.delete(offset);
  }

  /** Return the offsets that are not committed yet. */
  committable(): readonly CommittableOffset[] {
    return [...this.#partitions].flatMap(([topicPartition, { pending, position, committed }]) => {
      const [lowestPending] = pending;
      const offset = lowestPending === undefined ? position : BigInt(lowestPending);
      return offset > committed ? [{ topicPartition, offset }] : [];
    });
  }

  markCommitted(offsets: readonly CommittableOffset[]): void {
    for (const { topicPartition, offset } of offsets) {
      const state = this.#partitions.get(topicPartition);
      if (state !== undefined) state.committed = offset;
    }
  }

  #stateOf(topicPartition: string): PartitionState {
    const state = this.#partitions.get(topicPartition);
    if (state === undefined) throw new Error(`${topicPartition} is not assigned.`);
    return state;
  }
}

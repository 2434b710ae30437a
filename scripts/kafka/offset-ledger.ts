/** Which offset of each partition may be committed: everything below it is done. */

interface PartitionState {
  /** Offsets that are not done yet, ascending. */
  readonly pending: Set<number>;
  /** Where the next fetch begins: one past everything that was seen, the ends of transactions included. */
  position: bigint;
  committed: bigint;
}

export interface CommittableOffset {
  readonly topicPartition: string;
  /** The offset of the first record that is not done, as Kafka wants it. */
  readonly offset: bigint;
}

export class OffsetLedger {
  readonly #partitions = new Map<string, PartitionState>();

  /** A partition that is now ours, to be read from here on. */
  open(topicPartition: string, position: bigint): void {
    this.#partitions.set(topicPartition, { pending: new Set(), position, committed: position });
  }

  /** A partition that is somebody else's now: nothing of it may be committed any more. */
  close(topicPartition: string): void {
    this.#partitions.delete(topicPartition);
  }

  has(topicPartition: string): boolean {
    return this.#partitions.has(topicPartition);
  }

  /** @throws when the partition is not open */
  positionOf(topicPartition: string): bigint {
    return this.#stateOf(topicPartition).position;
  }

  /** These records were fetched, in their order, and the next fetch begins there. */
  advance(topicPartition: string, offsets: readonly number[], position: bigint): void {
    const state = this.#stateOf(topicPartition);
    for (const offset of offsets) state.pending.add(offset);
    state.position = position;
  }

  /** Whoever is told late that a partition is lost may still say so. */
  markDone(topicPartition: string, offset: number): void {
    this.#partitions.get(topicPartition)?.pending.delete(offset);
  }

  /** What is not committed yet. */
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

/** Collects records until there are enough of them for an invocation, or they have waited long enough. */
import { topicPartitionOf, type KafkaRecord } from './kafka-record.ts';
import { emptyEventBytes, partitionBytes, recordBytes, type LambdaKafkaSource } from './lambda-event.ts';

export interface BatchLimits {
  readonly batchSize: number;
  /** Counted from the first waiting record. */
  readonly windowMs: number;
  /** The size of the JSON text of the event. */
  readonly maxEventBytes: number;
}

interface WaitingRecord {
  readonly record: KafkaRecord;
  readonly topicPartition: string;
  readonly bytes: number;
  readonly arrivedAtMs: number;
}

/** Times come from a monotonic clock. A partition is busy while its records are in an invocation. */
export class Batcher {
  readonly #limits: BatchLimits;
  readonly #emptyBytes: number;
  #waiting: WaitingRecord[] = [];

  constructor(limits: BatchLimits, source: LambdaKafkaSource) {
    this.#limits = limits;
    this.#emptyBytes = emptyEventBytes(source);
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Return whether the record fits into an event at all. */
  fitsAlone(record: KafkaRecord): boolean {
    const ownBytes = partitionBytes(topicPartitionOf(record)) + recordBytes(record);
    return this.#emptyBytes + ownBytes <= this.#limits.maxEventBytes;
  }

  /** Add records in the order of their partition; each has to fit alone. */
  add(record: KafkaRecord, nowMs: number): void {
    this.#waiting.push({
      record,
      topicPartition: topicPartitionOf(record),
      bytes: recordBytes(record),
      arrivedAtMs: nowMs,
    });
  }

  dropPartition(topicPartition: string): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting.topicPartition !== topicPartition);
  }

  /** Return the next batch in the order of arrival, or the time until one is due; `null` if no record waits. */
  take(
    nowMs: number,
    busy: ReadonlySet<string>,
  ): readonly KafkaRecord[] | { readonly dueInMs: number } | null {
    const free = this.#waiting.filter(({ topicPartition }) => !busy.has(topicPartition));
    const [first] = free;
    if (first === undefined) return null;
    const batch = this.#fill(free);
    const isFull = batch.length < free.length || batch.length === this.#limits.batchSize;
    const dueInMs = first.arrivedAtMs + this.#limits.windowMs - nowMs;
    if (!isFull && dueInMs > 0) return { dueInMs };
    const taken = new Set(batch);
    this.#waiting = this.#waiting.filter((waiting) => !taken.has(waiting));
    return batch.map(({ record }) => record);
  }

  #fill(free: readonly WaitingRecord[]): readonly WaitingRecord[] {
    const batch: WaitingRecord[] = [];
    const partitions = new Set<string>();
    let bytes = this.#emptyBytes;
    for (const waiting of free) {
      bytes += waiting.bytes;
      if (!partitions.has(waiting.topicPartition)) bytes += partitionBytes(waiting.topicPartition);
      if (batch.length > 0 && bytes > this.#limits.maxEventBytes) break;
      batch.push(waiting);
      partitions.add(waiting.topicPartition);
      if (batch.length === this.#limits.batchSize) break;
    }
    return batch;
  }
}

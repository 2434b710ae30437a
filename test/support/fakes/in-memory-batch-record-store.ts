import type {
  BatchRecordStore,
  ChunkRecord,
  RecordedBatch,
  StoredFlowRunRecord,
} from '../../../lib/ports.ts';
import type { Chunk } from '../../../lib/windows/window-ports.ts';
import { InjectedFaultError, type Fault } from '../proxies/fault.ts';

export type BatchRecordFault = (operation: 'read' | 'write', batchId: string) => Fault;

/** The item of a batch that was added to a window. */
export interface StoredChunk {
  /** Null for an abandoned batch, and once its window is closed. */
  readonly chunk: Chunk | null;
  readonly record: ChunkRecord;
  readonly keepUntilEpochSeconds: number;
  readonly expiresAtEpochSeconds: number | null;
}

/** Batch records in a map, and faults in reading and writing them. */
export class InMemoryBatchRecordStore implements BatchRecordStore {
  readonly records = new Map<string, StoredFlowRunRecord>();
  /** No batch is in both maps, as they are one table. `InMemoryWindowStore` writes this one. */
  readonly chunks = new Map<string, StoredChunk>();
  readonly #fault: BatchRecordFault;

  constructor(fault: BatchRecordFault = () => 'none') {
    this.#fault = fault;
  }

  async readRecords(batchIds: readonly string[]): Promise<ReadonlyMap<string, RecordedBatch>> {
    if (batchIds.some((batchId) => this.#fault('read', batchId) !== 'none')) {
      throw new InjectedFaultError('readRecords');
    }
    return new Map(
      batchIds.flatMap((batchId) => {
        const record = this.#settledBatch(batchId);
        return record === undefined ? [] : [[batchId, record] as const];
      }),
    );
  }

  async writeRecords(records: readonly StoredFlowRunRecord[]): Promise<ReadonlySet<string>> {
    const unwritten = new Set<string>();
    for (const record of records) {
      const fault = this.#fault('write', record.batchId);
      const written = fault === 'none' || fault === 'lost-answer';
      if (written && !this.has(record.batchId)) this.records.set(record.batchId, record);
      if (fault !== 'none') unwritten.add(record.batchId);
    }
    return unwritten;
  }

  has(batchId: string): boolean {
    return this.records.has(batchId) || this.chunks.has(batchId);
  }

  #settledBatch(batchId: string): RecordedBatch | undefined {
    const stored = this.records.get(batchId);
    if (stored === undefined) return this.chunks.get(batchId)?.record;
    const { flowRunId, members, deadCode } = stored;
    return { kind: 'flow-run', batchId, flowRunId, members, deadCode };
  }
}

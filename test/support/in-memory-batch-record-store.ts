import type { BatchRecord, BatchRecordStore, StoredBatchRecord } from '../../lib/ports.ts';
import { InjectedFaultError, type Fault } from './fault.ts';

export type BatchRecordFault = (operation: 'read' | 'write', batchId: string) => Fault;

/** Batch records in a map; a write that meets a fault is lost in silence, as the port allows. */
export class InMemoryBatchRecordStore implements BatchRecordStore {
  readonly records = new Map<string, StoredBatchRecord>();
  readonly #fault: BatchRecordFault;

  constructor(fault: BatchRecordFault = () => 'none') {
    this.#fault = fault;
  }

  async readRecords(batchIds: readonly string[]): Promise<ReadonlyMap<string, BatchRecord>> {
    if (batchIds.some((batchId) => this.#fault('read', batchId) !== 'none')) {
      throw new InjectedFaultError('readRecords');
    }
    return new Map(
      batchIds.flatMap((batchId) => {
        const stored = this.records.get(batchId);
        if (stored === undefined) return [];
        const { flowRunId, members, deadCode } = stored;
        return [[batchId, { batchId, flowRunId, members, deadCode }] as const];
      }),
    );
  }

  async writeRecords(records: readonly StoredBatchRecord[]): Promise<void> {
    for (const record of records) {
      const fault = this.#fault('write', record.batchId);
      const written = fault === 'none' || fault === 'lost-answer';
      if (written && !this.records.has(record.batchId)) this.records.set(record.batchId, record);
    }
  }
}

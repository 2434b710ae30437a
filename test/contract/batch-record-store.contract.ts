import { describe, expect, it } from 'vitest';
import type { FlowRunRecord, BatchRecordStore, StoredFlowRunRecord } from '../../lib/ports.ts';
import { sampleBatchId, sampleMembers, sampleRecord } from '../support/builders/sample-claims.ts';

/** What every BatchRecordStore promises. `makeStore` gives an empty store. */
export function defineBatchRecordStoreContract(
  name: string,
  makeStore: () => Promise<BatchRecordStore>,
): void {
  describe(`${name} as a batch record store`, () => {
    it.each([0, 1, 25, 26, 130])('writes %i records and reads them as they were written', async (count) => {
      const store = await makeStore();
      const records = Array.from({ length: count }, (_, index) => sampleRecord(`batch ${index}`));

      expect(await store.writeRecords(records)).toEqual(new Set());

      expect(await store.readRecords(records.map((record) => record.batchId))).toEqual(byBatchId(records));
    });

    it.each([0, 1, 100, 1000])('keeps %i members, bit for bit and in order', async (count) => {
      const store = await makeStore();
      const record = sampleRecord('batch', { members: sampleMembers(count) });

      await store.writeRecords([record]);

      expect(await store.readRecords([record.batchId])).toEqual(byBatchId([record]));
    });

    it('keeps members of nothing but zeros or ones', async () => {
      const store = await makeStore();
      const record = sampleRecord('batch', { members: ['AAAAAAAAAAA', '__________8'] });

      await store.writeRecords([record]);

      expect(await store.readRecords([record.batchId])).toEqual(byBatchId([record]));
    });

    it('keeps why a batch is dead', async () => {
      const store = await makeStore();
      const record = sampleRecord('batch', { members: sampleMembers(1), deadCode: 'refused-by-prefect' });

      await store.writeRecords([record]);

      expect(await store.readRecords([record.batchId])).toEqual(byBatchId([record]));
    });

    it('keeps the first record of a batch, writes the new ones beside it, and counts both as written', async () => {
      const store = await makeStore();
      const first = sampleRecord('batch');
      const second = sampleRecord('batch', { members: sampleMembers(1), flowRunId: 'another' });
      const other = sampleRecord('other batch');

      await store.writeRecords([first]);
      expect(await store.writeRecords([second, other])).toEqual(new Set());

      expect(await store.readRecords([first.batchId, other.batchId])).toEqual(byBatchId([first, other]));
    });

    it('leaves records that do not exist out of what it reads, and reads an id that is named twice', async () => {
      const store = await makeStore();
      const record = sampleRecord('batch');
      await store.writeRecords([record]);

      const read = await store.readRecords([record.batchId, sampleBatchId('absent'), record.batchId]);

      expect(read).toEqual(byBatchId([record]));
    });
  });
}

function byBatchId(records: readonly StoredFlowRunRecord[]): ReadonlyMap<string, FlowRunRecord> {
  return new Map(
    records.map(({ batchId, flowRunId, members, deadCode }) => [
      batchId,
      { kind: 'flow-run', batchId, flowRunId, members, deadCode },
    ]),
  );
}

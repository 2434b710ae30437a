import { defineBatchRecordStoreContract } from '../../contract/batch-record-store.contract.ts';
import { defineClaimStoreContract } from '../../contract/claim-store.contract.ts';
import { defineRouteMemoryContract } from '../../contract/route-memory.contract.ts';
import { defineDeadLetterQueueContract } from '../../contract/dead-letter-queue.contract.ts';
import { defineFlowRunStatusPollerContract } from '../../contract/flow-run-status-poller.contract.ts';
import { defineTableScanContract } from '../../contract/table-scan.contract.ts';
import { InMemoryBatchRecordStore } from './in-memory-batch-record-store.ts';
import { InMemoryClaimStore } from './in-memory-claim-store.ts';
import { InMemoryDeadLetterQueue } from './in-memory-dead-letter-queue.ts';
import { InMemoryTableScan } from './in-memory-table-scan.ts';
import { InMemoryRouteMemory } from './in-memory-route-memory.ts';
import { InMemoryWindowStore } from './in-memory-window-store.ts';

defineClaimStoreContract('InMemoryClaimStore', async () => new InMemoryClaimStore());

defineRouteMemoryContract('InMemoryRouteMemory', async () => new InMemoryRouteMemory());
defineBatchRecordStoreContract('InMemoryBatchRecordStore', async () => new InMemoryBatchRecordStore());
defineFlowRunStatusPollerContract('The in-memory stores', async () => {
  const records = new InMemoryBatchRecordStore();
  return { claims: new InMemoryClaimStore(), records, windows: new InMemoryWindowStore(records) };
});
defineDeadLetterQueueContract('InMemoryDeadLetterQueue', async () => {
  const queue = new InMemoryDeadLetterQueue();
  return { queue, receiveLetters: async (count) => queue.messages.splice(0, count) };
});
defineTableScanContract('InMemoryTableScan', async () => {
  const claims = new InMemoryClaimStore();
  const records = new InMemoryBatchRecordStore();
  return {
    scan: new InMemoryTableScan(claims, records, 7),
    write: async (newClaims, newRecords) => {
      await claims.insertClaims(newClaims);
      await records.writeRecords(newRecords);
    },
  };
});

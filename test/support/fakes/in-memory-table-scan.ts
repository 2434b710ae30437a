import type { TablePage, TableScan } from '../../../lib/reconcile/reconcile-ports.ts';
import type { InMemoryBatchRecordStore } from './in-memory-batch-record-store.ts';
import type { InMemoryClaimStore } from './in-memory-claim-store.ts';

/** Claims and records as one table, in an order of its own: that of the hashes at the end of their keys. */
export class InMemoryTableScan implements TableScan {
  readonly #claims: InMemoryClaimStore;
  readonly #records: InMemoryBatchRecordStore;
  readonly #itemsPerPage: number;

  constructor(claims: InMemoryClaimStore, records: InMemoryBatchRecordStore, itemsPerPage = 100) {
    this.#claims = claims;
    this.#records = records;
    this.#itemsPerPage = itemsPerPage;
  }

  async readPage(startKey: string | null): Promise<TablePage> {
    const keys = [
      ...this.#claims.claims.keys(),
      ...[...this.#records.records.keys()].map((batchId) => `B#${batchId}`),
    ].sort((one, other) => (hashIn(one) < hashIn(other) ? -1 : 1));
    const start = startKey === null ? 0 : keys.indexOf(startKey) + 1;
    const page = keys.slice(start, start + this.#itemsPerPage);
    return {
      claims: page.flatMap((key) => this.#claims.claims.get(key) ?? []),
      records: page.flatMap((key) => this.#records.records.get(key.slice('B#'.length)) ?? []),
      nextKey: start + page.length < keys.length ? (page.at(-1) ?? null) : null,
    };
  }
}

function hashIn(key: string): string {
  return key.slice(-43);
}

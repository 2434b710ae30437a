import type { BatchRecordStore, RecordedBatch, StoredFlowRunRecord } from '../../ports.ts';
import { CHUNK_RECORD_ATTRIBUTES, chunkRecordOf, isChunkItem } from './dynamodb-chunk-items.ts';
import {
  BATCH_RECORD_ATTRIBUTES,
  batchRecordItem,
  batchRecordKey,
  batchRecordOf,
  type Item,
} from './dynamodb-items.ts';
import { insertStatement } from './dynamodb-statements.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import { TableError } from './table-error.ts';

/** How many records may not be stored, and the error if the table could not be used at all. */
export interface UnwrittenRecords {
  readonly count: number;
  readonly error: TableError | null;
}

export class DynamoDbBatchRecordStore implements BatchRecordStore {
  readonly #table: DynamoDbTable;
  readonly #onUnwritten: (unwritten: UnwrittenRecords) => void;

  /** `onUnwritten` is called for records that could not be written, to log them. */
  constructor(table: DynamoDbTable, onUnwritten: (unwritten: UnwrittenRecords) => void = () => undefined) {
    this.#table = table;
    this.#onUnwritten = onUnwritten;
  }

  /** @throws TableError when a record could not be read. */
  async readRecords(batchIds: readonly string[]): Promise<ReadonlyMap<string, RecordedBatch>> {
    const items = await this.#table.read(batchIds.map(batchRecordKey), ATTRIBUTES);
    return new Map([...items.values()].map(settledBatchOf).map((record) => [record.batchId, record]));
  }

  async writeRecords(records: readonly StoredFlowRunRecord[]): Promise<ReadonlySet<string>> {
    const statements = records.map((record) =>
      insertStatement(this.#table.tableName, batchRecordItem(record)),
    );
    try {
      const results = await this.#table.write(statements);
      const unwritten = records.filter((_, index) => results[index] === 'indeterminate');
      if (unwritten.length > 0) this.#onUnwritten({ count: unwritten.length, error: null });
      return new Set(unwritten.map(({ batchId }) => batchId));
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      this.#onUnwritten({ count: records.length, error });
      return new Set(records.map(({ batchId }) => batchId));
    }
  }
}

/** Without the events of chunks, which can be large. */
const ATTRIBUTES = [...new Set([...BATCH_RECORD_ATTRIBUTES, ...CHUNK_RECORD_ATTRIBUTES])];

function settledBatchOf(item: Item): RecordedBatch {
  return isChunkItem(item) ? chunkRecordOf(item) : batchRecordOf(item);
}

import { WINDOW_INDEX } from '../../compiled-config/table-index.ts';
import { windowIdOf, type Window, type WindowRef } from '../../windows/window.ts';
import type { ListedChunks, ListedWindow, WindowIndex, WindowReader } from '../../windows/window-ports.ts';
import { chunkOf } from './dynamodb-chunk-items.ts';
import { batchRecordKey } from './dynamodb-items.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import { readListedBatchIds } from './dynamodb-window-pages.ts';
import { INDEX_PARTITIONS, windowKey, windowOf, windowRefOf } from './dynamodb-window-items.ts';

/** Each method throws `TableError` when something could not be read. */
export class DynamoDbWindowReader implements WindowReader {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async readWindows(refs: readonly WindowRef[]): Promise<ReadonlyMap<string, Window>> {
    const items = await this.#table.read(refs.map(windowKey));
    return new Map([...items.values()].map(windowOf).map((window) => [windowIdOf(window), window]));
  }

  async readChunks(windows: readonly ListedWindow[]): Promise<ListedChunks> {
    const batchIds = await readListedBatchIds(this.#table, windows);
    const items = await this.#table.read(batchIds.map(batchRecordKey));
    const chunks = [...items.values()].flatMap((item) => chunkOf(item) ?? []);
    return { batchIds, chunks: new Map(chunks.map((chunk) => [chunk.batchId, chunk])) };
  }
}

/** The list of windows that are not closed, over the table's index. */
export class DynamoDbWindowIndex implements WindowIndex {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  /**
   * List the windows of each partition of the index, those with the earliest deadline first.
   * @throws TableError when a page could not be read.
   */
  async *listUnclosed(): AsyncIterable<WindowRef> {
    for (const partition of INDEX_PARTITIONS) {
      const items = this.#table.query({
        IndexName: WINDOW_INDEX.name,
        KeyConditionExpression: '#partition = :partition',
        ExpressionAttributeNames: { '#partition': WINDOW_INDEX.partitionKey },
        ExpressionAttributeValues: { ':partition': { S: partition } },
      });
      for await (const item of items) yield windowRefOf(item);
    }
  }
}

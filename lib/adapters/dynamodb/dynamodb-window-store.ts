import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { FlushReason, WindowSeries, WindowRef } from '../../windows/window.ts';
import type {
  AppendResult,
  BatchAbandoner,
  LatestWindow,
  SealResult,
  WindowAppend,
  WindowStore,
} from '../../windows/window-ports.ts';
import { abandonedChunkItem, chunkItem } from './dynamodb-chunk-items.ts';
import { numberOf } from './dynamodb-items.ts';
import { raiseHead } from './dynamodb-series-head.ts';
import { insertStatement } from './dynamodb-statements.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import {
  headKey,
  numberValue,
  openWindowItem,
  pageKey,
  windowKey,
  windowOf,
} from './dynamodb-window-items.ts';

/** Adds events to windows. Each method throws `TableError` when the table cannot be used at all. */
export class DynamoDbWindowStore implements WindowStore, BatchAbandoner {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async readLatest(series: WindowSeries): Promise<LatestWindow> {
    const heads = await this.#table.read([headKey(series)]);
    const head = heads.get(headKey(series));
    if (head === undefined) return { sequence: null, window: null };
    const sequence = numberOf(head, 'n');
    const key = windowKey({ series, sequence });
    const item = (await this.#table.read([key])).get(key);
    return { sequence, window: item === undefined ? null : windowOf(item) };
  }

  async append(append: WindowAppend): Promise<AppendResult> {
    const { chunk: appended, keepUntilEpochSeconds } = append;
    const chunk = {
      Put: { ...this.#target, Item: chunkItem(appended, keepUntilEpochSeconds), ...IF_ABSENT },
    };
    const window = append.opens === null ? [this.#addTo(append)] : this.#open(append, append.opens);
    const result = await this.#table.transact([chunk, ...window, this.#listOnPage(append)]);
    switch (result.kind) {
      case 'done':
        return 'appended';
      case 'condition-failed':
        return result.failed[0] === true ? 'chunk-exists' : 'window-moved';
      case 'indeterminate':
        return 'indeterminate';
    }
  }

  /** A transaction of one write: it is repeated when it conflicts with appends to the same window. */
  async seal(
    ref: WindowRef,
    reason: FlushReason,
    sealedAtEpochMs: number,
    flushLeaseEpochMs: number | null,
  ): Promise<SealResult> {
    const lease = flushLeaseEpochMs === null ? {} : { ':lease': numberValue(flushLeaseEpochMs) };
    const result = await this.#table.transact([
      {
        Update: {
          ...this.#target,
          Key: { pk: { S: windowKey(ref) } },
          UpdateExpression:
            'SET s = :sealed, r = :reason, t = :at' + (flushLeaseEpochMs === null ? '' : ', l = :lease'),
          ConditionExpression: 's = :open',
          ExpressionAttributeValues: {
            ':open': { S: 'open' },
            ':sealed': { S: 'sealed' },
            ':reason': { S: reason },
            ':at': numberValue(sealedAtEpochMs),
            ...lease,
          },
        },
      },
    ]);
    switch (result.kind) {
      case 'done':
        return 'sealed';
      case 'condition-failed':
        return 'not-open';
      case 'indeterminate':
        return 'indeterminate';
    }
  }

  async abandonBatch(batchId: string): Promise<'abandoned' | 'chunk-exists' | 'indeterminate'> {
    const [result = 'indeterminate'] = await this.#table.write([
      insertStatement(this.#table.tableName, abandonedChunkItem(batchId)),
    ]);
    switch (result) {
      case 'done':
        return 'abandoned';
      case 'exists':
      case 'condition-failed':
        return 'chunk-exists';
      case 'indeterminate':
        return 'indeterminate';
    }
  }

  get #target(): { readonly TableName: string } {
    return { TableName: this.#table.tableName };
  }

  #open(
    { chunk, ref, bytes }: WindowAppend,
    opens: NonNullable<WindowAppend['opens']>,
  ): readonly TransactWriteItem[] {
    const first = { count: chunk.events.length, bytes };
    return [
      { Put: { ...this.#target, Item: openWindowItem(opens, first), ...IF_ABSENT } },
      raiseHead(this.#table.tableName, ref),
    ];
  }

  /** A page has no condition of its own: the transaction happens as a whole or not at all. */
  #listOnPage({ chunk, ref, page }: WindowAppend): TransactWriteItem {
    return {
      Update: {
        ...this.#target,
        Key: { pk: { S: pageKey(ref, page) } },
        UpdateExpression: 'ADD i :ids',
        ExpressionAttributeValues: { ':ids': { SS: [chunk.batchId] } },
      },
    };
  }

  #addTo(append: WindowAppend): TransactWriteItem {
    const { chunk, ref, bytes, dueEpochMs, maxCountBefore, maxBytesBefore } = append;
    return {
      Update: {
        ...this.#target,
        Key: { pk: { S: windowKey(ref) } },
        UpdateExpression: 'SET u = :due ADD c :count, y :bytes, a :one',
        ConditionExpression: 's = :open AND c <= :maxCount AND y <= :maxBytes',
        ExpressionAttributeValues: {
          ':due': numberValue(dueEpochMs),
          ':count': numberValue(chunk.events.length),
          ':bytes': numberValue(bytes),
          ':one': numberValue(1),
          ':open': { S: 'open' },
          ':maxCount': numberValue(maxCountBefore),
          ':maxBytes': numberValue(maxBytesBefore),
        },
      },
    };
  }
}

const IF_ABSENT = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

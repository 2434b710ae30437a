import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { FlushReason, WindowLine, WindowPlace } from '../../windows/window.ts';
import type {
  AppendAnswer,
  ChunkVoider,
  LatestWindow,
  SealAnswer,
  WindowAppend,
  WindowStore,
} from '../../windows/window-ports.ts';
import { chunkItem, voidChunkItem } from './dynamodb-chunk-items.ts';
import { numberOf } from './dynamodb-items.ts';
import { raiseHead } from './dynamodb-series-head.ts';
import { insertStatement } from './dynamodb-statements.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import { headKey, numberValue, openWindowItem, windowKey, windowOf } from './dynamodb-window-items.ts';

/** What puts events into windows. Each method throws `TableError` when the table cannot be used at all. */
export class DynamoDbWindowStore implements WindowStore, ChunkVoider {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async readLatest(line: WindowLine): Promise<LatestWindow> {
    const heads = await this.#table.read([headKey(line)]);
    const head = heads.get(headKey(line));
    if (head === undefined) return { sequence: null, window: null };
    const sequence = numberOf(head, 'n');
    const key = windowKey({ line, sequence });
    const item = (await this.#table.read([key])).get(key);
    return { sequence, window: item === undefined ? null : windowOf(item) };
  }

  async append(append: WindowAppend): Promise<AppendAnswer> {
    const chunk = { Put: { ...this.#target, Item: chunkItem(append.chunk), ...IF_ABSENT } };
    const window = append.opens === null ? [this.#addTo(append)] : this.#open(append, append.opens);
    const answer = await this.#table.transact([chunk, ...window]);
    switch (answer.kind) {
      case 'done':
        return 'appended';
      case 'condition-failed':
        return answer.failed[0] === true ? 'chunk-exists' : 'window-moved';
      case 'unclear':
        return 'unclear';
    }
  }

  /** A transaction of one write, since those that append to the window are in its way. */
  async seal(place: WindowPlace, reason: FlushReason, sealedAtEpochMs: number): Promise<SealAnswer> {
    const answer = await this.#table.transact([
      {
        Update: {
          ...this.#target,
          Key: { pk: { S: windowKey(place) } },
          UpdateExpression: 'SET s = :sealed, r = :reason, t = :at',
          ConditionExpression: 's = :open',
          ExpressionAttributeValues: {
            ':open': { S: 'open' },
            ':sealed': { S: 'sealed' },
            ':reason': { S: reason },
            ':at': numberValue(sealedAtEpochMs),
          },
        },
      },
    ]);
    switch (answer.kind) {
      case 'done':
        return 'sealed';
      case 'condition-failed':
        return 'not-open';
      case 'unclear':
        return 'unclear';
    }
  }

  async voidChunk(batchId: string): Promise<'voided' | 'chunk-exists' | 'unclear'> {
    const [answer = 'unclear'] = await this.#table.write([
      insertStatement(this.#table.tableName, voidChunkItem(batchId)),
    ]);
    switch (answer) {
      case 'done':
        return 'voided';
      case 'exists':
      case 'condition-failed':
        return 'chunk-exists';
      case 'unclear':
        return 'unclear';
    }
  }

  get #target(): { readonly TableName: string } {
    return { TableName: this.#table.tableName };
  }

  #open(
    { chunk, place, bytes }: WindowAppend,
    opens: NonNullable<WindowAppend['opens']>,
  ): readonly TransactWriteItem[] {
    const first = { batchId: chunk.batchId, count: chunk.events.length, bytes };
    return [
      { Put: { ...this.#target, Item: openWindowItem(opens, first), ...IF_ABSENT } },
      raiseHead(this.#table.tableName, place),
    ];
  }

  #addTo(append: WindowAppend): TransactWriteItem {
    const { chunk, place, bytes, dueEpochMs, maxCountBefore, maxBytesBefore } = append;
    return {
      Update: {
        ...this.#target,
        Key: { pk: { S: windowKey(place) } },
        UpdateExpression: 'SET u = :due ADD c :count, y :bytes, i :ids',
        ConditionExpression: 's = :open AND c <= :maxCount AND y <= :maxBytes',
        ExpressionAttributeValues: {
          ':due': numberValue(dueEpochMs),
          ':count': numberValue(chunk.events.length),
          ':bytes': numberValue(bytes),
          ':ids': { SS: [chunk.batchId] },
          ':open': { S: 'open' },
          ':maxCount': numberValue(maxCountBefore),
          ':maxBytes': numberValue(maxBytesBefore),
        },
      },
    };
  }
}

const IF_ABSENT = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

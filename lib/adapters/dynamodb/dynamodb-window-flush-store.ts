import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { PartDeployment, WindowRef } from '../../windows/window.ts';
import type {
  LeaseResult,
  ListedWindow,
  MarkResult,
  RedirectResult,
  SkipResult,
  WindowCloser,
  WindowFlushStore,
  WindowRedirector,
} from '../../windows/window-ports.ts';
import { WINDOW_INDEX } from '../../compiled-config/table-index.ts';
import { batchRecordKey } from './dynamodb-items.ts';
import { raiseHead } from './dynamodb-series-head.ts';
import { insertStatement } from './dynamodb-statements.ts';
import { moveResultOf, type DynamoDbTable } from './dynamodb-table.ts';
import { CHUNK_KEEP_ATTRIBUTES, keepUntilOf } from './dynamodb-chunk-items.ts';
import { pageKeysOf, readListedBatchIds } from './dynamodb-window-pages.ts';
import { deploymentsValue, numberValue, skippedWindowItem, windowKey } from './dynamodb-window-items.ts';
import { TableError } from './table-error.ts';

/** Enough for people to look at; the record of each run is an item of its own. */
const MAX_LISTED_RUNS = 100;

/** Flushes and closes windows. Each method throws `TableError` when the table cannot be used at all. */
export class DynamoDbWindowFlushStore implements WindowFlushStore, WindowRedirector, WindowCloser {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  /** The head first: from then on this sequence cannot be opened, so whether it was opened does not change any more. */
  async skipSequence(ref: WindowRef, routeVersion: string, skippedAtEpochMs: number): Promise<SkipResult> {
    const raised = await this.#table.transact([raiseHead(this.#table.tableName, ref)]);
    if (raised.kind === 'indeterminate') return 'indeterminate';
    const item = skippedWindowItem(ref, routeVersion, skippedAtEpochMs);
    const [result = 'indeterminate'] = await this.#table.write([
      insertStatement(this.#table.tableName, item),
    ]);
    switch (result) {
      case 'done':
        return 'skipped';
      case 'exists':
      case 'condition-failed':
        return 'exists';
      case 'indeterminate':
        return 'indeterminate';
    }
  }

  async leaseFlush(ref: WindowRef, readEpochMs: number | null, untilEpochMs: number): Promise<LeaseResult> {
    const asRead = readEpochMs === null ? '"l" IS MISSING' : '"l" = ?';
    const [result = 'indeterminate'] = await this.#table.write([
      this.#update(`SET "l" = ? WHERE "pk" = ? AND "s" = ? AND ${asRead}`, [
        numberValue(untilEpochMs),
        { S: windowKey(ref) },
        { S: 'sealed' },
        ...(readEpochMs === null ? [] : [numberValue(readEpochMs)]),
      ]),
    ]);
    switch (result) {
      case 'done':
        return 'leased';
      case 'exists':
      case 'condition-failed':
        return 'changed';
      case 'indeterminate':
        return 'indeterminate';
    }
  }

  /** `changed` may be our own redirection whose response was lost: the caller reads the window. */
  async redirect(
    ref: WindowRef,
    from: readonly PartDeployment[],
    to: PartDeployment,
  ): Promise<RedirectResult> {
    const [result = 'indeterminate'] = await this.#table.write([
      this.#update('SET "p" = ? WHERE "pk" = ? AND "p" = ?', [
        deploymentsValue([...from, to]),
        { S: windowKey(ref) },
        deploymentsValue(from),
      ]),
    ]);
    return moveResultOf(result);
  }

  /** A window that is open or not there is not marked, and never said to be. */
  async markFlushed(ref: WindowRef, flowRunIds: readonly string[]): Promise<MarkResult> {
    const result = await this.#table.transact([
      {
        Update: {
          TableName: this.#table.tableName,
          Key: { pk: { S: windowKey(ref) } },
          UpdateExpression: 'SET s = :flushed, f = :runs',
          ConditionExpression: 's IN (:sealed, :flushed)',
          ExpressionAttributeValues: {
            ':sealed': { S: 'sealed' },
            ':flushed': { S: 'flushed' },
            ':runs': { L: flowRunIds.slice(0, MAX_LISTED_RUNS).map((id) => ({ S: id })) },
          },
        },
      },
    ]);
    return result.kind === 'done' ? 'marked' : 'indeterminate';
  }

  async expireChunks(window: ListedWindow, expiresAtEpochSeconds: number): Promise<void> {
    const batchIds = await readListedBatchIds(this.#table, [window]);
    const chunks = await this.#table.read(batchIds.map(batchRecordKey), CHUNK_KEEP_ATTRIBUTES);
    const expire = (key: string, epochSeconds: number): BatchStatementRequest =>
      this.#update('SET "expires" = ? REMOVE "e" WHERE "pk" = ?', [numberValue(epochSeconds), { S: key }]);
    await this.#writeAll([
      ...[...chunks].map(([key, item]) => expire(key, Math.max(expiresAtEpochSeconds, keepUntilOf(item)))),
      ...pageKeysOf(window).map((key) => expire(key, expiresAtEpochSeconds)),
    ]);
  }

  async closeWindow(ref: WindowRef, expiresAtEpochSeconds: number): Promise<void> {
    const expires = numberValue(expiresAtEpochSeconds);
    await this.#writeAll([
      this.#update(`SET "expires" = ? REMOVE "${WINDOW_INDEX.partitionKey}" WHERE "pk" = ?`, [
        expires,
        { S: windowKey(ref) },
      ]),
    ]);
  }

  /** An item that is not there has expired. An indeterminate write is thrown, and everything is repeated. */
  async #writeAll(statements: readonly BatchStatementRequest[]): Promise<void> {
    const results = await this.#table.write(statements);
    if (!results.includes('indeterminate')) return;
    const { tableName } = this.#table;
    throw new TableError({
      operation: 'BatchExecuteStatement',
      tableName,
      code: 'IndeterminateWrites',
      retryable: true,
    });
  }

  #update(clauses: string, parameters: AttributeValue[]): BatchStatementRequest {
    return { Statement: `UPDATE "${this.#table.tableName}" ${clauses}`, Parameters: parameters };
  }
}

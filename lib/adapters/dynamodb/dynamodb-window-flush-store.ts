import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { PartDeployment, WindowRef } from '../../windows/window.ts';
import type { WindowCloser, WindowFlushStore } from '../../windows/window-ports.ts';
import { WINDOW_INDEX } from '../../compiled-config/table-index.ts';
import { batchRecordKey } from './dynamodb-items.ts';
import { raiseHead } from './dynamodb-series-head.ts';
import { insertStatement } from './dynamodb-statements.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import { burntWindowItem, deploymentsValue, numberValue, windowKey } from './dynamodb-window-items.ts';
import { TableError } from './table-error.ts';

/** What brings windows to their end. Each method throws `TableError` when the table cannot be used at all. */
export class DynamoDbWindowFlushStore implements WindowFlushStore, WindowCloser {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  /** The head first: from then on nobody opens this sequence, so whether it was opened does not change any more. */
  async burn(
    ref: WindowRef,
    routeVersion: string,
    skippedAtEpochMs: number,
  ): Promise<'skipped' | 'exists' | 'indeterminate'> {
    const raised = await this.#table.transact([raiseHead(this.#table.tableName, ref)]);
    if (raised.kind === 'indeterminate') return 'indeterminate';
    const item = burntWindowItem(ref, routeVersion, skippedAtEpochMs);
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

  /** `changed` may be our own redirection whose answer was lost: the caller reads the window. */
  async redirect(
    ref: WindowRef,
    from: readonly PartDeployment[],
    to: PartDeployment,
  ): Promise<'moved' | 'changed' | 'indeterminate'> {
    const [result = 'indeterminate'] = await this.#table.write([
      this.#update('SET "p" = ? WHERE "pk" = ? AND "p" = ?', [
        deploymentsValue([...from, to]),
        { S: windowKey(ref) },
        deploymentsValue(from),
      ]),
    ]);
    switch (result) {
      case 'done':
        return 'moved';
      case 'exists':
      case 'condition-failed':
        return 'changed';
      case 'indeterminate':
        return 'indeterminate';
    }
  }

  /** A window that is open or not there is not marked, and never said to be. */
  async markFlushed(ref: WindowRef, flowRunIds: readonly string[]): Promise<'marked' | 'indeterminate'> {
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
            ':runs': { L: flowRunIds.map((id) => ({ S: id })) },
          },
        },
      },
    ]);
    return result.kind === 'done' ? 'marked' : 'indeterminate';
  }

  async expireChunks(batchIds: readonly string[], expiresAtEpochSeconds: number): Promise<void> {
    const expires = numberValue(expiresAtEpochSeconds);
    await this.#writeAll(
      [...new Set(batchIds)].map((batchId) =>
        this.#update('SET "expires" = ? REMOVE "e" WHERE "pk" = ?', [
          expires,
          { S: batchRecordKey(batchId) },
        ]),
      ),
    );
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

  /** An item that is not there has expired; what is indeterminate is thrown, and all of it done again. */
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

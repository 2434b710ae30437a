import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { PartDeployment, WindowPlace } from '../../windows/window.ts';
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
    place: WindowPlace,
    routeVersion: string,
    burntAtEpochMs: number,
  ): Promise<'burnt' | 'exists' | 'unclear'> {
    const raised = await this.#table.transact([raiseHead(this.#table.tableName, place)]);
    if (raised.kind === 'unclear') return 'unclear';
    const item = burntWindowItem(place, routeVersion, burntAtEpochMs);
    const [answer = 'unclear'] = await this.#table.write([insertStatement(this.#table.tableName, item)]);
    switch (answer) {
      case 'done':
        return 'burnt';
      case 'exists':
      case 'condition-failed':
        return 'exists';
      case 'unclear':
        return 'unclear';
    }
  }

  /** `changed` may be our own redirection whose answer was lost: the caller reads the window. */
  async redirect(
    place: WindowPlace,
    from: readonly PartDeployment[],
    to: PartDeployment,
  ): Promise<'moved' | 'changed' | 'unclear'> {
    const [answer = 'unclear'] = await this.#table.write([
      this.#update('SET "p" = ? WHERE "pk" = ? AND "p" = ?', [
        deploymentsValue([...from, to]),
        { S: windowKey(place) },
        deploymentsValue(from),
      ]),
    ]);
    switch (answer) {
      case 'done':
        return 'moved';
      case 'exists':
      case 'condition-failed':
        return 'changed';
      case 'unclear':
        return 'unclear';
    }
  }

  /** A window that is open or not there is not marked, and never said to be. */
  async markFlushed(place: WindowPlace, flowRunIds: readonly string[]): Promise<'marked' | 'unclear'> {
    const answer = await this.#table.transact([
      {
        Update: {
          TableName: this.#table.tableName,
          Key: { pk: { S: windowKey(place) } },
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
    return answer.kind === 'done' ? 'marked' : 'unclear';
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

  async closeWindow(place: WindowPlace, expiresAtEpochSeconds: number): Promise<void> {
    const expires = numberValue(expiresAtEpochSeconds);
    await this.#writeAll([
      this.#update(`SET "expires" = ? REMOVE "${WINDOW_INDEX.partitionKey}" WHERE "pk" = ?`, [
        expires,
        { S: windowKey(place) },
      ]),
    ]);
  }

  /** An item that is not there has expired; what is unclear is thrown, and all of it done again. */
  async #writeAll(statements: readonly BatchStatementRequest[]): Promise<void> {
    const answers = await this.#table.write(statements);
    if (!answers.includes('unclear')) return;
    const { tableName } = this.#table;
    throw new TableError({
      operation: 'BatchExecuteStatement',
      tableName,
      code: 'UnclearWrites',
      retryable: true,
    });
  }

  #update(clauses: string, parameters: AttributeValue[]): BatchStatementRequest {
    return { Statement: `UPDATE "${this.#table.tableName}" ${clauses}`, Parameters: parameters };
  }
}

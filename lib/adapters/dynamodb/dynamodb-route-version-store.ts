import type { RouteVersionStore } from '../../windows/window-ports.ts';
import { stringOf } from './dynamodb-items.ts';
import { insertStatement } from './dynamodb-statements.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import { routeVersionKey } from './dynamodb-window-items.ts';
import { TableError } from './table-error.ts';

export class DynamoDbRouteVersionStore implements RouteVersionStore {
  readonly #table: DynamoDbTable;
  /** Written, or found, by this execution environment. */
  readonly #stored = new Set<string>();

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  /** @throws TableError when it is not certain that it is stored. */
  async putVersion(version: string, routeJson: string): Promise<void> {
    if (this.#stored.has(version)) return;
    const { tableName } = this.#table;
    const item = { pk: { S: routeVersionKey(version) }, j: { S: routeJson } };
    const [result] = await this.#table.write([insertStatement(tableName, item)]);
    if (result === undefined || result === 'indeterminate') {
      const operation = 'BatchExecuteStatement';
      throw new TableError({ operation, tableName, code: 'IndeterminateWrites', retryable: true });
    }
    this.#stored.add(version);
  }

  /** @throws TableError when it could not be read. */
  async readVersion(version: string): Promise<string | null> {
    const key = routeVersionKey(version);
    const item = (await this.#table.read([key])).get(key);
    return item === undefined ? null : stringOf(item, 'j');
  }
}

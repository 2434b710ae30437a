import type { RouteMemory } from '../../routing/route-memory.ts';
import { stringOf } from './dynamodb-items.ts';
import { insertStatement } from './dynamodb-statements.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import { TableError } from './table-error.ts';

/** One item for each source: `pk` is `S#<source>`, `j` the text. It never expires. */
export class DynamoDbRouteMemory implements RouteMemory {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  /** @throws TableError when it could not be read. */
  async readRoutes(source: string): Promise<string | null> {
    const item = (await this.#table.read([keyOf(source)])).get(keyOf(source));
    return item === undefined ? null : stringOf(item, 'j');
  }

  /** @throws TableError when it is not certain whether it was written. */
  async replaceRoutes(source: string, before: string | null, after: string): Promise<'replaced' | 'changed'> {
    const { tableName } = this.#table;
    const pk = { S: keyOf(source) };
    const [result] = await this.#table.write([
      before === null
        ? insertStatement(tableName, { pk, j: { S: after } })
        : {
            Statement: `UPDATE "${tableName}" SET "j" = ? WHERE "pk" = ? AND "j" = ?`,
            Parameters: [{ S: after }, pk, { S: before }],
          },
    ]);
    if (result === 'done') return 'replaced';
    if (result === 'exists' || result === 'condition-failed') return 'changed';
    const operation = 'BatchExecuteStatement';
    throw new TableError({ operation, tableName, code: 'IndeterminateWrites', retryable: true });
  }
}

function keyOf(source: string): string {
  return `S#${source}`;
}

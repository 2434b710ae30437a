import type { BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { Item } from './dynamodb-items.ts';

/** PartiQL that puts an item if there is none with its key. */
export function insertStatement(tableName: string, item: Item): BatchStatementRequest {
  const attributes = Object.entries(item);
  const names = attributes.map(([name]) => `'${name}': ?`).join(', ');
  return {
    Statement: `INSERT INTO "${tableName}" VALUE {${names}}`,
    Parameters: attributes.map(([, value]) => value),
  };
}

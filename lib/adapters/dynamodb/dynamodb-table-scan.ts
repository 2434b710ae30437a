import { ScanCommand, type DynamoDBClient, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type { TablePage, TableScan } from '../../reconcile/reconcile-ports.ts';
import { isTransient } from '../aws/aws-error.ts';
import { BATCH_KEY_PREFIX, batchRecordOf, CLAIM_KEY_PREFIX, claimOf } from './dynamodb-items.ts';
import { tableErrorFrom } from './table-error.ts';

export interface DynamoDbTableScanOptions {
  /** A page is a megabyte of the table, which takes longer than a key. */
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** Claims and records of runs. What waits in windows is read past, and paid for: a read unit for 8 KB. */
export class DynamoDbTableScan implements TableScan {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;

  constructor({ client, tableName }: DynamoDbTableScanOptions) {
    this.#client = client;
    this.#tableName = tableName;
  }

  /** @throws TableError when the page could not be read. */
  async readPage(startKey: string | null): Promise<TablePage> {
    const { Items: items = [], LastEvaluatedKey: lastKey } = await this.#scan(startKey);
    return {
      claims: items.filter((item) => item['pk']?.S?.startsWith(CLAIM_KEY_PREFIX)).map(claimOf),
      records: items.filter((item) => item['pk']?.S?.startsWith(BATCH_KEY_PREFIX)).map(batchRecordOf),
      nextKey: lastKey?.['pk']?.S ?? null,
    };
  }

  async #scan(startKey: string | null): Promise<Pick<ScanCommandOutput, 'Items' | 'LastEvaluatedKey'>> {
    try {
      return await this.#client.send(
        new ScanCommand({
          TableName: this.#tableName,
          // A chunk has the key of a record, and no run.
          FilterExpression: 'begins_with(pk, :claim) OR (begins_with(pk, :batch) AND attribute_exists(f))',
          ExpressionAttributeValues: { ':claim': { S: CLAIM_KEY_PREFIX }, ':batch': { S: BATCH_KEY_PREFIX } },
          ProjectionExpression: 'pk, b, l, expires, m, f, d',
          ...(startKey !== null && { ExclusiveStartKey: { pk: { S: startKey } } }),
        }),
      );
    } catch (error) {
      throw tableErrorFrom('Scan', this.#tableName, error, isTransient(error));
    }
  }
}

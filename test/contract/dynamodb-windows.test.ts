/** What windows keep in the table, on both local DynamoDB engines. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDbBatchRecordStore } from '../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { batchRecordKey } from '../../lib/adapters/dynamodb/dynamodb-items.ts';
import { DynamoDbRouteVersionStore } from '../../lib/adapters/dynamodb/dynamodb-route-version-store.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbWindowFlushStore } from '../../lib/adapters/dynamodb/dynamodb-window-flush-store.ts';
import { windowKey } from '../../lib/adapters/dynamodb/dynamodb-window-items.ts';
import {
  DynamoDbWindowIndex,
  DynamoDbWindowReader,
} from '../../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import { DynamoDbWindowStore } from '../../lib/adapters/dynamodb/dynamodb-window-store.ts';
import type { WindowRef } from '../../lib/windows/window.ts';
import { onEachDynamoDbEngine } from '../support/parts/dynamodb-engines.ts';
import { defineWindowFlushStoreContract } from './window-flush-store.contract.ts';
import { defineWindowStoreContract } from './window-store.contract.ts';

onEachDynamoDbEngine('runs the contracts of the stores', ({ engine, client, tables }) => {
  const makeStores = async () => {
    const table = new DynamoDbTable({ client, tableName: await tables.create() });
    const expiryOf = async (item: { readonly batchId: string } | WindowRef): Promise<number | null> => {
      const key = 'batchId' in item ? batchRecordKey(item.batchId) : windowKey(item);
      const { Item: stored } = await client.send(
        new GetItemCommand({ TableName: table.tableName, Key: { pk: { S: key } }, ConsistentRead: true }),
      );
      const expires = stored?.['expires']?.N;
      return expires === undefined ? null : Number(expires);
    };
    return {
      windows: new DynamoDbWindowStore(table),
      reader: new DynamoDbWindowReader(table),
      flushes: new DynamoDbWindowFlushStore(table),
      index: new DynamoDbWindowIndex(table),
      versions: new DynamoDbRouteVersionStore(table),
      records: new DynamoDbBatchRecordStore(table),
      expiryOf,
    };
  };
  defineWindowStoreContract(`DynamoDbWindowStore on ${engine}`, makeStores);
  defineWindowFlushStoreContract(`The DynamoDB stores of windows on ${engine}`, makeStores);
});

import { DynamoDbLimiterStore } from '../../lib/adapters/dynamodb/dynamodb-limiter-store.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { onEachDynamoDbEngine } from '../support/parts/dynamodb-engines.ts';
import { defineLimiterStoreContract } from './limiter-store.contract.ts';

onEachDynamoDbEngine('runs the contract of the limiter store', ({ engine, client, tables }) => {
  defineLimiterStoreContract(`DynamoDbLimiterStore on ${engine}`, async () => {
    const table = new DynamoDbTable({ client, tableName: await tables.create() });
    return new DynamoDbLimiterStore({ table, client, apiUrl: 'https://prefect.internal/api' });
  });
});

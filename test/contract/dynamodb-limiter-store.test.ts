import { afterAll, describe, inject, it } from 'vitest';
import { DynamoDbLimiterStore } from '../../lib/adapters/dynamodb/dynamodb-limiter-store.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';
import { defineLimiterStoreContract } from './limiter-store.contract.ts';

const engines = [
  { engine: 'the AWS emulator', endpoint: inject('awsEndpointUrl') },
  { engine: 'DynamoDB Local', endpoint: inject('dynamodbLocalUrl') },
];

for (const { engine, endpoint } of engines) {
  if (endpoint === null) {
    describe.skip(`${engine}, which needs a JDK that is not installed here`, () => {
      it('runs the contract of the limiter store', () => undefined);
    });
    continue;
  }
  const client = dynamoDbClientFor(endpoint);
  const tables = new TemporaryTables(client);
  afterAll(() => tables.deleteAll());
  defineLimiterStoreContract(`DynamoDbLimiterStore on ${engine}`, async () => {
    const table = new DynamoDbTable({ client, tableName: await tables.create() });
    return new DynamoDbLimiterStore({ table, client, apiUrl: 'https://prefect.internal/api' });
  });
}

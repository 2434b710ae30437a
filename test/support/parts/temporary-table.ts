import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { WINDOW_INDEX } from '../../../lib/compiled-config/table-index.ts';

/** A client for an emulator, which takes any credentials. */
export function dynamoDbClientFor(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

/** Makes tables with the key and the index of the idempotency table, and deletes them all again. */
export class TemporaryTables {
  readonly #client: DynamoDBClient;
  readonly #names: string[] = [];

  constructor(client: DynamoDBClient) {
    this.#client = client;
  }

  async create(): Promise<string> {
    const tableName = `sluice-test-${randomUUID()}`;
    await this.#client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: WINDOW_INDEX.partitionKey, AttributeType: 'S' },
          { AttributeName: WINDOW_INDEX.sortKey, AttributeType: 'N' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: WINDOW_INDEX.name,
            KeySchema: [
              { AttributeName: WINDOW_INDEX.partitionKey, KeyType: 'HASH' },
              { AttributeName: WINDOW_INDEX.sortKey, KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      }),
    );
    this.#names.push(tableName);
    await waitUntilTableExists(
      { client: this.#client, maxWaitTime: 30, minDelay: 1 },
      { TableName: tableName },
    );
    return tableName;
  }

  async deleteAll(): Promise<void> {
    for (const tableName of this.#names.splice(0)) {
      await this.#client.send(new DeleteTableCommand({ TableName: tableName }));
    }
  }
}

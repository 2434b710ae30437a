/** The two engines that stand in for DynamoDB: a contract holds on both. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, inject, it } from 'vitest';
import '../setup/provided.ts';
import { dynamoDbClientFor, TemporaryTables } from './temporary-table.ts';

export interface DynamoDbEngine {
  readonly engine: string;
  readonly client: DynamoDBClient;
  /** Deleted when the file is done. */
  readonly tables: TemporaryTables;
}

/** Define tests for each engine that is installed; `what` names them where one is not. */
export function onEachDynamoDbEngine(what: string, define: (engine: DynamoDbEngine) => void): void {
  for (const [engine, endpoint] of [
    ['the AWS emulator', inject('awsEndpointUrl')],
    ['DynamoDB Local', inject('dynamodbLocalUrl')],
  ] as const) {
    if (endpoint === null) {
      describe.skip(`${engine}, which needs a JDK that is not installed here`, () => {
        it(what, () => undefined);
      });
      continue;
    }
    const client = dynamoDbClientFor(endpoint);
    const tables = new TemporaryTables(client);
    afterAll(() => tables.deleteAll());
    define({ engine, client, tables });
  }
}

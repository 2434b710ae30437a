/** The scan on both local DynamoDB engines, over a table with items of every kind. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { DynamoDbBatchRecordStore } from '../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbTableScan } from '../../lib/adapters/dynamodb/dynamodb-table-scan.ts';
import { DynamoDbWindowStore } from '../../lib/adapters/dynamodb/dynamodb-window-store.ts';
import { sampleClaims } from '../support/builders/sample-claims.ts';
import { sampleOpening, sampleWindowRef } from '../support/builders/sample-windows.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';
import { defineTableScanContract, readAll } from './table-scan.contract.ts';

const engines = [
  { engine: 'the AWS emulator', endpoint: inject('awsEndpointUrl') },
  { engine: 'DynamoDB Local', endpoint: inject('dynamodbLocalUrl') },
];

describe.each(engines)('a scan on $engine', ({ engine, endpoint }) => {
  const client = dynamoDbClientFor(endpoint ?? 'http://127.0.0.1:1');
  const tables = new TemporaryTables(client);
  afterAll(() => tables.deleteAll());

  if (endpoint !== null) {
    defineTableScanContract(`DynamoDbTableScan on ${engine}`, async () => {
      const tableName = await tables.create();
      const table = new DynamoDbTable({ client, tableName });
      return {
        scan: new DynamoDbTableScan({ client, tableName }),
        write: async (claims, records) => {
          await new DynamoDbClaimStore(table).insertClaims(claims);
          await new DynamoDbBatchRecordStore(table).writeRecords(records);
        },
      };
    });
  }

  it.skipIf(endpoint === null)('skips windows and their chunks in a scan', async () => {
    const tableName = await tables.create();
    const windows = new DynamoDbWindowStore(new DynamoDbTable({ client, tableName }));
    expect(await windows.append(sampleOpening(sampleWindowRef(), 'waiting'))).toBe('appended');
    const pages = await readAll(new DynamoDbTableScan({ client, tableName }));
    expect(pages).toEqual([{ claims: [], records: [], nextKey: null }]);
  });

  it.skipIf(endpoint === null)('continues a scan where a page ended', async () => {
    const tableName = await tables.create();
    const claims = sampleClaims(5);
    await new DynamoDbClaimStore(new DynamoDbTable({ client, tableName })).insertClaims(claims);
    // A page is a megabyte.
    for (const name of ['one', 'two', 'three', 'four']) {
      const Item = { pk: { S: `X#${name}` }, e: { B: Buffer.alloc(390_000) } };
      await client.send(new PutItemCommand({ TableName: tableName, Item }));
    }
    const pages = await readAll(new DynamoDbTableScan({ client, tableName }));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap((page) => page.claims.map(({ claimKey }) => claimKey)).toSorted()).toEqual(
      claims.map(({ claimKey }) => claimKey).toSorted(),
    );
  });

  it.skipIf(endpoint === null)(
    'throws an error that names the operation when a scan finds no such table',
    async () => {
      const scan = new DynamoDbTableScan({ client, tableName: 'no-such-table' });
      await expect(scan.readPage(null)).rejects.toMatchObject({
        name: 'TableError',
        operation: 'Scan',
        retryable: false,
      });
    },
  );
});

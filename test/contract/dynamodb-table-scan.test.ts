/** The scan on both local DynamoDB engines, over a table with items of every kind. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { DynamoDbBatchRecordStore } from '../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { DynamoDbTable } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import { DynamoDbTableScan } from '../../lib/adapters/dynamodb/dynamodb-table-scan.ts';
import { DynamoDbWindowStore } from '../../lib/adapters/dynamodb/dynamodb-window-store.ts';
import type { TablePage } from '../../lib/reconcile/reconcile-ports.ts';
import { sampleClaims, sampleMembers, sampleRecord } from '../support/builders/sample-claims.ts';
import { sampleOpening, sampleWindowRef } from '../support/builders/sample-windows.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';

const engines = [
  { engine: 'the AWS emulator', endpoint: inject('awsEndpointUrl') },
  { engine: 'DynamoDB Local', endpoint: inject('dynamodbLocalUrl') },
];

describe.each(engines)('a scan on $engine', ({ endpoint }) => {
  const client = dynamoDbClientFor(endpoint ?? 'http://127.0.0.1:1');
  const tables = new TemporaryTables(client);
  afterAll(() => tables.deleteAll());

  async function readAll(tableName: string): Promise<readonly TablePage[]> {
    const scan = new DynamoDbTableScan({ client, tableName });
    const pages: TablePage[] = [];
    for (let startKey: string | null = null; ;) {
      const page: TablePage = await scan.readPage(startKey);
      pages.push(page);
      if (page.nextKey === null) return pages;
      startKey = page.nextKey;
    }
  }

  it.skipIf(endpoint === null)(
    'finds every claim and every record of a run once, and nothing else',
    async () => {
      const tableName = await tables.create();
      const table = new DynamoDbTable({ client, tableName });
      const claims = sampleClaims(30);
      const live = sampleRecord('live');
      const dead = sampleRecord('dead', {
        deadCode: 'refused-by-prefect',
        members: sampleMembers(1),
      });
      await new DynamoDbClaimStore(table).insertClaims(claims);
      await new DynamoDbBatchRecordStore(table).writeRecords([live, dead]);
      expect(await new DynamoDbWindowStore(table).append(sampleOpening(sampleWindowRef(), 'waiting'))).toBe(
        'appended',
      );

      const pages = await readAll(tableName);

      const byKey = (one: string, other: string): number => (one < other ? -1 : 1);
      const found = pages
        .flatMap((page) => page.claims)
        .toSorted((one, other) => byKey(one.claimKey, other.claimKey));
      expect(found).toEqual(claims.toSorted((one, other) => byKey(one.claimKey, other.claimKey)));
      const records = pages
        .flatMap((page) => page.records)
        .toSorted((one, other) => byKey(one.batchId, other.batchId));
      expect(records).toMatchObject(
        [live, dead]
          .map(({ batchId, flowRunId, members, deadCode }) => ({
            kind: 'flow-run',
            batchId,
            flowRunId,
            members,
            deadCode,
          }))
          .toSorted((one, other) => byKey(one.batchId, other.batchId)),
      );
    },
  );

  it.skipIf(endpoint === null)('goes on where a page ended', async () => {
    const tableName = await tables.create();
    const claims = sampleClaims(5);
    await new DynamoDbClaimStore(new DynamoDbTable({ client, tableName })).insertClaims(claims);
    // A page is a megabyte.
    for (const name of ['one', 'two', 'three', 'four']) {
      const Item = { pk: { S: `X#${name}` }, e: { B: Buffer.alloc(390_000) } };
      await client.send(new PutItemCommand({ TableName: tableName, Item }));
    }
    const pages = await readAll(tableName);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap((page) => page.claims.map(({ claimKey }) => claimKey)).toSorted()).toEqual(
      claims.map(({ claimKey }) => claimKey).toSorted(),
    );
  });

  it.skipIf(endpoint === null)('says what is broken when there is no such table', async () => {
    const scan = new DynamoDbTableScan({ client, tableName: 'no-such-table' });
    await expect(scan.readPage(null)).rejects.toMatchObject({
      name: 'TableError',
      operation: 'Scan',
      retryable: false,
    });
  });
});

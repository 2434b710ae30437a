/** The stores on both local DynamoDB engines, which disagree in places; only what both share is expected. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { DynamoDbBatchRecordStore } from '../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { batchRecordKey } from '../../lib/adapters/dynamodb/dynamodb-items.ts';
import { DynamoDbRouteMemory } from '../../lib/adapters/dynamodb/dynamodb-route-memory.ts';
import { DynamoDbWindowStore } from '../../lib/adapters/dynamodb/dynamodb-window-store.ts';
import { DynamoDbTable, type TableRequestReport } from '../../lib/adapters/dynamodb/dynamodb-table.ts';
import {
  sampleBatchId,
  sampleClaim,
  sampleClaims,
  sampleMembers,
  sampleRecord,
} from '../support/builders/sample-claims.ts';
import { onEachDynamoDbEngine } from '../support/parts/dynamodb-engines.ts';
import { dynamoDbClientFor, TemporaryTables } from '../support/parts/temporary-table.ts';
import { defineBatchRecordStoreContract } from './batch-record-store.contract.ts';
import { defineClaimStoreContract } from './claim-store.contract.ts';
import { defineRouteMemoryContract } from './route-memory.contract.ts';
import { defineFlowRunStatusPollerContract } from './flow-run-status-poller.contract.ts';

onEachDynamoDbEngine('runs the contracts of the stores', ({ engine, client, tables }) => {
  const makeTable = async (onRequest: (report: TableRequestReport) => void = () => undefined) =>
    new DynamoDbTable({ client, tableName: await tables.create(), onRequest });

  defineClaimStoreContract(
    `DynamoDbClaimStore on ${engine}`,
    async () => new DynamoDbClaimStore(await makeTable()),
  );
  defineBatchRecordStoreContract(
    `DynamoDbBatchRecordStore on ${engine}`,
    async () => new DynamoDbBatchRecordStore(await makeTable()),
  );
  defineRouteMemoryContract(
    `DynamoDbRouteMemory on ${engine}`,
    async () => new DynamoDbRouteMemory(await makeTable()),
  );
  defineFlowRunStatusPollerContract(`The DynamoDB stores on ${engine}`, async () => {
    const table = await makeTable();
    return {
      claims: new DynamoDbClaimStore(table),
      records: new DynamoDbBatchRecordStore(table),
      windows: new DynamoDbWindowStore(table),
    };
  });

  describe(`the table's items on ${engine}`, () => {
    it('expire by a number of seconds in the attribute that TTL looks at', async () => {
      const table = await makeTable();
      const claim = sampleClaim('event');
      const record = sampleRecord('batch');
      await new DynamoDbClaimStore(table).insertClaims([claim]);
      await new DynamoDbBatchRecordStore(table).writeRecords([record]);

      const expiries = await Promise.all(
        [claim.claimKey, batchRecordKey(record.batchId)].map(async (key) => {
          const { Item: item } = await client.send(
            new GetItemCommand({ TableName: table.tableName, Key: { pk: { S: key } } }),
          );
          return item?.['expires'];
        }),
      );

      expect(expiries).toEqual([
        { N: String(claim.expiresAtEpochSeconds) },
        { N: String(record.expiresAtEpochSeconds) },
      ]);
    });

    it('say what is broken when there is no such table', async () => {
      const table = new DynamoDbTable({ client, tableName: 'no-such-table' });
      const store = new DynamoDbClaimStore(table);

      await expect(store.insertClaims([sampleClaim('event')])).rejects.toMatchObject({
        name: 'TableError',
        tableName: 'no-such-table',
        retryable: false,
      });
      await expect(store.readClaims([sampleClaim('event').claimKey])).rejects.toMatchObject({
        name: 'TableError',
        code: 'ResourceNotFoundException',
        retryable: false,
      });
    });
  });
});

describe('what the table costs, as the AWS emulator reports it', () => {
  const client = dynamoDbClientFor(inject('awsEndpointUrl'));
  const tables = new TemporaryTables(client);
  afterAll(() => tables.deleteAll());

  const meteredTable = async () => {
    const reports: TableRequestReport[] = [];
    const tableName = await tables.create();
    return {
      reports,
      table: new DynamoDbTable({ client, tableName, onRequest: (report) => reports.push(report) }),
    };
  };

  it('is one write unit a claim and one request for 25 of them, duplicates included', async () => {
    const { reports, table } = await meteredTable();
    const store = new DynamoDbClaimStore(table);

    await store.insertClaims(sampleClaims(60));
    await store.insertClaims(sampleClaims(25, 'another batch'));

    expect(reports.map((report) => report.operation)).toEqual(Array(4).fill('BatchExecuteStatement'));
    expect(reports.map((report) => report.capacityUnits).toSorted((a, b) => a - b)).toEqual([10, 25, 25, 25]);
  });

  it('is one write unit for the record of a batch of 100', async () => {
    const { reports, table } = await meteredTable();

    await new DynamoDbBatchRecordStore(table).writeRecords([
      sampleRecord('batch', { members: sampleMembers(100) }),
    ]);

    expect(reports).toEqual([{ operation: 'BatchExecuteStatement', capacityUnits: 1 }]);
  });

  it('is one request for reading 100 claims, and two for 101', async () => {
    const { reports, table } = await meteredTable();
    const store = new DynamoDbClaimStore(table);

    await store.readClaims(sampleClaims(100).map((claim) => claim.claimKey));
    await store.readClaims(sampleClaims(101).map((claim) => claim.claimKey));

    expect(reports.map((report) => report.operation)).toEqual(Array(3).fill('BatchGetItem'));
  });

  it('is one request for moving 25 claims', async () => {
    const { reports, table } = await meteredTable();
    const store = new DynamoDbClaimStore(table);
    const claims = sampleClaims(25, 'new batch');

    await store.moveClaims(claims.map((claim) => ({ claim, fromBatchId: sampleBatchId('batch') })));

    expect(reports.map((report) => report.operation)).toEqual(['BatchExecuteStatement']);
  });
});

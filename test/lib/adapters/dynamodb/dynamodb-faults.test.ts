/** Faults that no local engine can be made to show. */
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  DynamoDBClient,
  type BatchStatementErrorCodeEnum,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  DynamoDbBatchRecordStore,
  type UnwrittenRecords,
} from '../../../../lib/adapters/dynamodb/dynamodb-batch-record-store.ts';
import { DynamoDbClaimStore } from '../../../../lib/adapters/dynamodb/dynamodb-claim-store.ts';
import { claimItem } from '../../../../lib/adapters/dynamodb/dynamodb-items.ts';
import { DynamoDbTable } from '../../../../lib/adapters/dynamodb/dynamodb-table.ts';
import { TableError } from '../../../../lib/adapters/dynamodb/table-error.ts';
import type { InsertResult } from '../../../../lib/ports.ts';
import {
  sampleBatchId,
  sampleClaim,
  sampleClaims,
  sampleRecord,
} from '../../../support/builders/sample-claims.ts';

const dynamodb = mockClient(DynamoDBClient);
const table = new DynamoDbTable({
  client: new DynamoDBClient({ region: 'us-east-1' }),
  tableName: 'table',
  pauseBeforeRetry: () => Promise.resolve(),
});
const store = new DynamoDbClaimStore(table);

const passingCodes: BatchStatementErrorCodeEnum[] = [
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'InternalServerError',
  'RequestLimitExceeded',
  'TransactionConflict',
];
const brokenCodes: BatchStatementErrorCodeEnum[] = ['AccessDenied', 'ResourceNotFound', 'ValidationError'];

function failed(code: string) {
  return { Error: { Code: code as BatchStatementErrorCodeEnum } };
}

function awsError(name: string, details: object = {}): Error {
  return Object.assign(new Error('told by AWS'), { name, ...details });
}

const timeOut = awsError('TimeoutError');
const unavailable = awsError('InternalServerError', { $fault: 'server', $metadata: { httpStatusCode: 500 } });
const throttled = awsError('ThrottlingException', { $fault: 'client', $metadata: { httpStatusCode: 400 } });
const accessDenied = awsError('AccessDeniedException', {
  $fault: 'client',
  $metadata: { httpStatusCode: 400 },
});

/** The partition keys that each write request named. */
function keysWritten(): (string | undefined)[][] {
  return dynamodb
    .commandCalls(BatchExecuteStatementCommand)
    .map(({ args: [command] }) =>
      (command.input.Statements ?? []).map((statement) => statement.Parameters?.[0]?.S),
    );
}

beforeEach(() => {
  dynamodb.reset();
});

describe('inserting claims', () => {
  it('tries throttled claims of a mixed batch once more, and only these', async () => {
    const claims = sampleClaims(5);
    dynamodb
      .on(BatchExecuteStatementCommand)
      .resolvesOnce({
        Responses: [
          {},
          failed('ThrottlingError'),
          failed('DuplicateItem'),
          failed('InternalServerError'),
          {},
        ],
      })
      .resolvesOnce({ Responses: [{}, failed('ThrottlingError')] });

    expect(await store.insertClaims(claims)).toEqual([
      'inserted',
      'inserted',
      'exists',
      'indeterminate',
      'inserted',
    ]);

    expect(keysWritten()).toEqual([
      claims.map((claim) => claim.claimKey),
      [claims[1]?.claimKey, claims[3]?.claimKey],
    ]);
  });

  it.each([...passingCodes, 'ACodeThatIsNewerThanThisTest'])(
    'is indeterminate after %s twice',
    async (code) => {
      dynamodb.on(BatchExecuteStatementCommand).resolves({ Responses: [failed(code)] });

      expect(await store.insertClaims([sampleClaim('event')])).toEqual(['indeterminate']);
      expect(keysWritten()).toHaveLength(2);
    },
  );

  it.each(brokenCodes)('throws at once on %s, since no retry can help', async (code) => {
    dynamodb.on(BatchExecuteStatementCommand).resolves({ Responses: [{}, failed(code)] });

    const inserting = store.insertClaims(sampleClaims(2));

    await expect(inserting).rejects.toThrow(TableError);
    await expect(inserting).rejects.toMatchObject({ code, retryable: false });
    expect(keysWritten()).toHaveLength(1);
  });

  it('never takes its own insert, whose answer was lost, for a new one', async () => {
    dynamodb
      .on(BatchExecuteStatementCommand)
      .rejectsOnce(timeOut)
      .resolvesOnce({ Responses: [failed('DuplicateItem'), failed('DuplicateItem')] });

    expect(await store.insertClaims(sampleClaims(2))).toEqual(['exists', 'exists']);
  });

  it.each([timeOut, unavailable, throttled])(
    'tries the claims of a request that failed with $name once more, then calls them indeterminate',
    async (error) => {
      dynamodb.on(BatchExecuteStatementCommand).rejects(error);

      expect(await store.insertClaims(sampleClaims(3))).toEqual([
        'indeterminate',
        'indeterminate',
        'indeterminate',
      ]);
      expect(keysWritten()).toHaveLength(2);
    },
  );

  it('keeps the clear answers of other requests when one request fails', async () => {
    const claims = sampleClaims(50);
    dynamodb.on(BatchExecuteStatementCommand).callsFake(({ Statements }: { Statements: unknown[] }) => {
      if (JSON.stringify(Statements).includes(claims[30]?.claimKey ?? '')) throw timeOut;
      return { Responses: Statements.map(() => ({})) };
    });

    const answers = await store.insertClaims(claims);

    expect(answers).toEqual(claims.map((_, index) => (index < 25 ? 'inserted' : 'indeterminate')));
  });

  it('takes a request that is answered too briefly for indeterminate', async () => {
    dynamodb.on(BatchExecuteStatementCommand).resolves({ Responses: [{}] });

    expect(await store.insertClaims(sampleClaims(2))).toEqual(['inserted', 'inserted']);
    expect(keysWritten()).toHaveLength(2);
    dynamodb.on(BatchExecuteStatementCommand).resolves({});
    expect(await store.insertClaims(sampleClaims(2))).toEqual(['indeterminate', 'indeterminate']);
  });

  it('throws what access denied means, with the SDK error as its cause', async () => {
    dynamodb.on(BatchExecuteStatementCommand).rejects(accessDenied);

    await expect(store.insertClaims([sampleClaim('event')])).rejects.toMatchObject({
      name: 'TableError',
      operation: 'BatchExecuteStatement',
      tableName: 'table',
      code: 'AccessDeniedException',
      retryable: false,
      cause: accessDenied,
    });
  });

  it('answers for every claim by its own last answer, whatever the mixture', async () => {
    const code = fc.constantFrom(undefined, 'DuplicateItem', ...passingCodes);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(code, code), { maxLength: 120 }), async (codes) => {
        const claims = sampleClaims(codes.length);
        const remaining = new Map(claims.map((claim, index) => [claim.claimKey, [...(codes[index] ?? [])]]));
        dynamodb.reset();
        dynamodb
          .on(BatchExecuteStatementCommand)
          .callsFake((input: BatchExecuteStatementCommand['input']) => ({
            Responses: (input.Statements ?? []).map((statement) => {
              const next = remaining.get(statement.Parameters?.[0]?.S ?? '')?.shift();
              return next === undefined ? {} : failed(next);
            }),
          }));

        expect(await store.insertClaims(claims)).toEqual(codes.map(expectedAnswer));
        expect(keysWritten().every((keys) => keys.length <= 25)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

function expectedAnswer([first, second]: [string | undefined, string | undefined]): InsertResult {
  if (first === undefined) return 'inserted';
  if (first === 'DuplicateItem') return 'exists';
  if (second === undefined) return 'inserted';
  return second === 'DuplicateItem' ? 'exists' : 'indeterminate';
}

describe('moving claims', () => {
  const move = { claim: sampleClaim('event', 'new batch'), fromBatchId: sampleBatchId('batch') };

  it('never takes its own move, whose answer was lost, for a success', async () => {
    dynamodb
      .on(BatchExecuteStatementCommand)
      .rejectsOnce(timeOut)
      .resolvesOnce({ Responses: [failed('ConditionalCheckFailed')] });

    expect(await store.moveClaims([move])).toEqual(['changed']);
  });

  it('is indeterminate when it was throttled twice', async () => {
    dynamodb.on(BatchExecuteStatementCommand).resolves({ Responses: [failed('ThrottlingError')] });

    expect(await store.moveClaims([move])).toEqual(['indeterminate']);
  });
});

describe('reading claims', () => {
  const [first = sampleClaim('0'), second = sampleClaim('1')] = sampleClaims(2);
  const keys = [first.claimKey, second.claimKey];
  const unprocessed = { UnprocessedKeys: { table: { Keys: [{ pk: { S: second.claimKey } }] } } };

  it('asks again for keys that were not processed, and for nothing else', async () => {
    dynamodb
      .on(BatchGetItemCommand)
      .resolvesOnce({ Responses: { table: [claimItem(first)] }, ...unprocessed })
      .resolvesOnce(unprocessed)
      .resolvesOnce({ Responses: { table: [claimItem(second)] } });

    expect(await store.readClaims(keys)).toEqual(
      new Map([
        [first.claimKey, first],
        [second.claimKey, second],
      ]),
    );

    const asked = dynamodb.commandCalls(BatchGetItemCommand).map(({ args: [command] }) => {
      const request = command.input.RequestItems?.['table'];
      return { consistent: request?.ConsistentRead, keys: request?.Keys?.map((key) => key['pk']?.S) };
    });
    expect(asked).toEqual([
      { consistent: true, keys },
      { consistent: true, keys: [second.claimKey] },
      { consistent: true, keys: [second.claimKey] },
    ]);
  });

  it('throws when keys stay unprocessed: not read must never look like absent', async () => {
    dynamodb.on(BatchGetItemCommand).resolves(unprocessed);

    await expect(store.readClaims(keys)).rejects.toMatchObject({
      name: 'TableError',
      code: 'UnprocessedKeys',
      retryable: true,
    });
  });

  it.each([
    [timeOut, true],
    [throttled, true],
    [accessDenied, false],
  ])('throws when the request fails with $name', async (error, retryable) => {
    dynamodb.on(BatchGetItemCommand).rejects(error);

    await expect(store.readClaims(keys)).rejects.toMatchObject({
      name: 'TableError',
      retryable,
      cause: error,
    });
  });
});

describe('writing batch records', () => {
  const reports: UnwrittenRecords[] = [];
  const records = new DynamoDbBatchRecordStore(table, (unwritten) => reports.push(unwritten));
  beforeEach(() => {
    reports.length = 0;
  });

  it('reports records that may not be written, and returns their batch ids', async () => {
    dynamodb.on(BatchExecuteStatementCommand).resolves({ Responses: [{}, failed('ThrottlingError')] });

    const written = ['one', 'two', 'three'].map((name) => sampleRecord(name));
    const unwritten = await records.writeRecords(written);

    expect(unwritten).toEqual(new Set([written[2]?.batchId]));
    expect(reports).toEqual([{ count: 1, error: null }]);
  });

  it('reports nothing when a record was there before', async () => {
    dynamodb.on(BatchExecuteStatementCommand).resolves({ Responses: [failed('DuplicateItem')] });

    expect(await records.writeRecords([sampleRecord('one')])).toEqual(new Set());
    expect(reports).toEqual([]);
  });

  it('reports a table that cannot be used, and returns the ids of all batches', async () => {
    dynamodb.on(BatchExecuteStatementCommand).rejects(accessDenied);

    const unwritten = await records.writeRecords([sampleRecord('one'), sampleRecord('two')]);

    expect(unwritten.size).toBe(2);
    expect(reports).toMatchObject([{ count: 2, error: { code: 'AccessDeniedException' } }]);
  });
});

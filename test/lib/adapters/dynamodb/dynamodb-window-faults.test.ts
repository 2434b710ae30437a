/** Faults of transactions, single writes and queries that no local engine can be made to show. */
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  TransactionCanceledException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
  type BatchStatementErrorCodeEnum,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DynamoDbRouteVersionStore } from '../../../../lib/adapters/dynamodb/dynamodb-route-version-store.ts';
import { DynamoDbTable } from '../../../../lib/adapters/dynamodb/dynamodb-table.ts';
import { longestPauseMs, MAX_TRIES } from '../../../../lib/adapters/dynamodb/dynamodb-transaction.ts';
import { DynamoDbWindowFlushStore } from '../../../../lib/adapters/dynamodb/dynamodb-window-flush-store.ts';
import { DynamoDbWindowIndex } from '../../../../lib/adapters/dynamodb/dynamodb-window-reader.ts';
import { DynamoDbWindowStore } from '../../../../lib/adapters/dynamodb/dynamodb-window-store.ts';
import { sampleBatchId } from '../../../support/builders/sample-claims.ts';
import {
  SAMPLE_ROUTE_VERSION,
  sampleAppend,
  sampleOpening,
  sampleWindowRef,
} from '../../../support/builders/sample-windows.ts';

const dynamodb = mockClient(DynamoDBClient);
const pauses: number[] = [];
const table = new DynamoDbTable({
  client: new DynamoDBClient({ region: 'us-east-1' }),
  tableName: 'table',
  pauseBeforeRetry: () => Promise.resolve(),
  pauseAfterConflict: (attempt) => Promise.resolve(pauses.push(attempt)),
});
const windows = new DynamoDbWindowStore(table);
const flushes = new DynamoDbWindowFlushStore(table);
const index = new DynamoDbWindowIndex(table);

const adding = sampleAppend(sampleWindowRef(), 'batch');
const opening = sampleOpening(sampleWindowRef(), 'batch');

function awsError(name: string, details: object = {}): Error {
  return Object.assign(new Error('told by AWS'), { name, ...details });
}

const timeOut = awsError('TimeoutError');
const unavailable = awsError('InternalServerError', { $fault: 'server', $metadata: { httpStatusCode: 500 } });
const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'Error' });
const throttled = awsError('ThrottlingException', { $fault: 'client', $metadata: { httpStatusCode: 400 } });
const accessDenied = awsError('AccessDeniedException', {
  $fault: 'client',
  $metadata: { httpStatusCode: 400 },
});

function cancelled(...codes: string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    message: 'cancelled',
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

function tries(): number {
  return dynamodb.commandCalls(TransactWriteItemsCommand).length;
}

/** What was asked to be updated in the last transaction. */
function updates(): readonly unknown[] {
  const items = dynamodb.commandCalls(TransactWriteItemsCommand).at(-1)?.args[0].input.TransactItems ?? [];
  return items.flatMap(({ Update }) => Update ?? []);
}

beforeEach(() => {
  dynamodb.reset();
  pauses.length = 0;
});

// The contract suite holds what these conditions do, on real engines; this notices at once that one is gone.
describe('the condition of a write', () => {
  it('adds to a window only while it is open and within the caps that were read', async () => {
    dynamodb.on(TransactWriteItemsCommand).resolves({});

    await windows.append({ ...adding, maxCountBefore: 7, maxBytesBefore: 900 });

    expect(updates()).toContainEqual(
      expect.objectContaining({
        ConditionExpression: 's = :open AND c <= :maxCount AND y <= :maxBytes',
        ExpressionAttributeValues: expect.objectContaining({
          ':open': { S: 'open' },
          ':maxCount': { N: '7' },
          ':maxBytes': { N: '900' },
        }) as unknown,
      }),
    );
  });

  it('seals a window only while it is open', async () => {
    dynamodb.on(TransactWriteItemsCommand).resolves({});

    await windows.seal(sampleWindowRef(), 'time', 1, null);

    expect(updates()).toEqual([
      expect.objectContaining({
        ConditionExpression: 's = :open',
        ExpressionAttributeValues: expect.objectContaining({ ':open': { S: 'open' } }) as unknown,
      }),
    ]);
  });
});

describe('appending', () => {
  it.each([
    [adding, ['ConditionalCheckFailed', 'None'], 'chunk-exists'],
    [adding, ['ConditionalCheckFailed', 'ConditionalCheckFailed'], 'chunk-exists'],
    [adding, ['None', 'ConditionalCheckFailed'], 'window-moved'],
    [adding, ['TransactionConflict', 'ConditionalCheckFailed'], 'window-moved'],
    [opening, ['ConditionalCheckFailed', 'None', 'ConditionalCheckFailed'], 'chunk-exists'],
    [opening, ['ConditionalCheckFailed', 'TransactionConflict', 'None'], 'chunk-exists'],
    [opening, ['None', 'ConditionalCheckFailed', 'None'], 'window-moved'],
    [opening, ['None', 'None', 'ConditionalCheckFailed'], 'window-moved'],
  ] as const)('is answered by the condition that failed: %#', async (append, codes, answer) => {
    dynamodb.on(TransactWriteItemsCommand).rejects(cancelled(...codes));

    expect(await windows.append(append)).toBe(answer);
    expect(tries()).toBe(1);
  });

  it.each([
    cancelled('None', 'TransactionConflict'),
    cancelled('TransactionConflict', 'TransactionConflict'),
    cancelled('None', 'ThrottlingError'),
    cancelled('None', 'ProvisionedThroughputExceeded'),
    cancelled('None', 'ACodeThatIsNewerThanThisTest'),
    throttled,
  ])('is tried again when others were at the same items: %#', async (error) => {
    dynamodb.on(TransactWriteItemsCommand).rejectsOnce(error).rejectsOnce(error).resolvesOnce({});

    expect(await windows.append(adding)).toBe('appended');
    expect(pauses).toEqual([1, 2]);
  });

  it('is indeterminate when others are always at the same items, after a number of tries', async () => {
    dynamodb.on(TransactWriteItemsCommand).rejects(cancelled('None', 'TransactionConflict'));

    expect(await windows.append(adding)).toBe('indeterminate');
    expect(tries()).toBe(MAX_TRIES);
    expect(pauses).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it.each([timeOut, unavailable, reset])('is indeterminate at once after $name', async (error) => {
    dynamodb.on(TransactWriteItemsCommand).rejects(error);

    expect(await windows.append(adding)).toBe('indeterminate');
    expect(tries()).toBe(1);
  });

  it.each([
    [accessDenied, 'AccessDeniedException'],
    [awsError('ResourceNotFoundException', { $fault: 'client' }), 'ResourceNotFoundException'],
    [cancelled('None', 'ValidationError'), 'ValidationError'],
  ])('throws at once when the table cannot be used: %#', async (error, code) => {
    dynamodb.on(TransactWriteItemsCommand).rejects(error);

    await expect(windows.append(adding)).rejects.toMatchObject({
      name: 'TableError',
      operation: 'TransactWriteItems',
      tableName: 'table',
      code,
      retryable: false,
      cause: error,
    });
    expect(tries()).toBe(1);
  });

  it('answers by what the last try said, whatever went before it', async () => {
    const conflict = fc.constantFrom(cancelled('None', 'TransactionConflict'), throttled);
    const ending = fc.constantFrom(
      { error: null, answer: 'appended' },
      { error: cancelled('ConditionalCheckFailed', 'None'), answer: 'chunk-exists' },
      { error: cancelled('None', 'ConditionalCheckFailed'), answer: 'window-moved' },
      { error: timeOut, answer: 'indeterminate' },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(conflict, { maxLength: 8 }), ending, async (conflicts, { error, answer }) => {
        dynamodb.reset();
        let calls = 0;
        dynamodb.on(TransactWriteItemsCommand).callsFake(() => {
          const thrown = conflicts[calls++] ?? error;
          if (thrown !== null) throw thrown;
          return {};
        });
        expect(await windows.append(adding)).toBe(answer);
        expect(calls).toBe(conflicts.length + 1);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the pauses after conflicts', () => {
  it('may be longer each time, and are together less than five seconds', () => {
    const bounds = Array.from({ length: MAX_TRIES - 1 }, (_, index) => longestPauseMs(index + 1));

    expect(bounds).toEqual([50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
    expect(bounds.reduce((sum, each) => sum + each, 0)).toBeLessThan(5_000);
  });
});

describe('a transaction whose first try may still be at work', () => {
  it('is indeterminate, never taken for one that did nothing', async () => {
    dynamodb
      .on(TransactWriteItemsCommand)
      .rejects(new TransactionInProgressException({ message: 'in progress', $metadata: {} }));

    expect(await windows.seal(sampleWindowRef(), 'time', 1, null)).toBe('indeterminate');
    expect(tries()).toBe(1);
  });
});

describe('what may be done again', () => {
  it('sealing and marking are indeterminate when their answer was lost', async () => {
    dynamodb.on(TransactWriteItemsCommand).rejects(timeOut);

    expect(await windows.seal(sampleWindowRef(), 'time', 1, null)).toBe('indeterminate');
    expect(await flushes.markFlushed(sampleWindowRef(), [])).toBe('indeterminate');
    expect(await flushes.skipSequence(sampleWindowRef(), SAMPLE_ROUTE_VERSION, 1)).toBe('indeterminate');
  });

  it('skipping a sequence goes on to the window when the head is above already', async () => {
    dynamodb.on(TransactWriteItemsCommand).rejects(cancelled('ConditionalCheckFailed'));
    dynamodb.on(BatchExecuteStatementCommand).resolves({ Responses: [{}] });

    expect(await flushes.skipSequence(sampleWindowRef(), SAMPLE_ROUTE_VERSION, 1)).toBe('skipped');
  });

  it('single writes that are throttled twice are indeterminate, and thrown where no result is expected', async () => {
    const Code: BatchStatementErrorCodeEnum = 'ThrottlingError';
    dynamodb.on(TransactWriteItemsCommand).resolves({});
    dynamodb.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code } }] });
    dynamodb.on(BatchGetItemCommand).resolves({ Responses: {} });
    const indeterminate = { name: 'TableError', code: 'IndeterminateWrites', retryable: true };

    expect(await flushes.skipSequence(sampleWindowRef(), SAMPLE_ROUTE_VERSION, 1)).toBe('indeterminate');
    expect(await flushes.redirect(sampleWindowRef(), [], { fromPart: 0, deploymentRef: 'a' })).toBe(
      'indeterminate',
    );
    expect(await windows.abandonBatch(sampleBatchId('batch'))).toBe('indeterminate');
    await expect(flushes.expireChunks({ ...sampleWindowRef(), additions: 1 }, 1)).rejects.toMatchObject(
      indeterminate,
    );
    await expect(flushes.closeWindow(sampleWindowRef(), 1)).rejects.toMatchObject(indeterminate);
    const versions = new DynamoDbRouteVersionStore(table);
    await expect(versions.putVersion(SAMPLE_ROUTE_VERSION, '{}')).rejects.toMatchObject(indeterminate);
  });

  it('a route version is written once by an environment, and again where that was not certain', async () => {
    const versions = new DynamoDbRouteVersionStore(table);
    dynamodb
      .on(BatchExecuteStatementCommand)
      .rejectsOnce(timeOut)
      .rejectsOnce(timeOut)
      .resolves({ Responses: [{ Error: { Code: 'DuplicateItem' } }] });

    await expect(versions.putVersion(SAMPLE_ROUTE_VERSION, '{}')).rejects.toThrow('IndeterminateWrites');
    await versions.putVersion(SAMPLE_ROUTE_VERSION, '{}');
    await versions.putVersion(SAMPLE_ROUTE_VERSION, '{}');

    expect(dynamodb.commandCalls(BatchExecuteStatementCommand)).toHaveLength(3);
  });
});

describe('the list of windows that are not closed', () => {
  it('goes on where a page ended', async () => {
    const [first, second] = [sampleWindowRef(1), sampleWindowRef(2)].map(({ series, sequence }) => ({
      pk: { S: `W#${series.route}#${series.keyHash}#${sequence}` },
    }));
    if (first === undefined || second === undefined) throw new Error('two places are two keys');
    dynamodb
      .on(QueryCommand)
      .resolvesOnce({ Items: [first], LastEvaluatedKey: first })
      .resolvesOnce({ Items: [second] })
      .resolves({});
    const listed: number[] = [];

    for await (const { sequence } of index.listUnclosed()) listed.push(sequence);

    expect(listed).toEqual([1, 2]);
    const starts = dynamodb
      .commandCalls(QueryCommand)
      .map(({ args: [{ input }] }) => input.ExclusiveStartKey);
    expect(starts).toEqual([undefined, first, ...Array<undefined>(7).fill(undefined)]);
  });

  it.each([
    [throttled, true],
    [accessDenied, false],
  ])('throws when a page fails with $name', async (error, retryable) => {
    dynamodb.on(QueryCommand).rejects(error);
    const listing = (async () => {
      for await (const ref of index.listUnclosed()) throw new Error(`listed ${ref.sequence}`);
    })();

    await expect(listing).rejects.toMatchObject({ name: 'TableError', operation: 'Query', retryable });
  });
});

/** One DynamoDB table, used in batches: what the stores share of limits, retries and errors. */
import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  QueryCommand,
  type BatchExecuteStatementCommandOutput,
  type BatchGetItemCommandOutput,
  type BatchStatementError,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type ConsumedCapacity,
  type DynamoDBClient,
  type QueryCommandInput,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { isTransient } from '../aws/aws-error.ts';
import { mapWithConcurrency, pieces } from '../../map-with-concurrency.ts';
import type { Item } from './dynamodb-items.ts';
import type { MoveResult } from '../../ports.ts';
import { pauseWithJitter, writeTransaction, type TransactionResult } from './dynamodb-transaction.ts';
import { TableError, tableErrorFrom, type TableOperation } from './table-error.ts';

/** Limits of the API: BatchExecuteStatement takes 25 statements, BatchGetItem 100 keys. */
const STATEMENTS_PER_REQUEST = 25;
const KEYS_PER_REQUEST = 100;
const READ_ROUNDS = 4;

/** What became of one statement. `indeterminate`: it may or may not have happened. */
export type StatementResult = 'done' | 'exists' | 'condition-failed' | 'indeterminate';

/** Of a statement that writes only where it finds what its writer read before. */
export function moveResultOf(result: StatementResult): MoveResult {
  switch (result) {
    case 'done':
      return 'moved';
    case 'exists':
    case 'condition-failed':
      return 'changed';
    case 'indeterminate':
      return 'indeterminate';
  }
}

export interface TableRequestReport {
  readonly operation: TableOperation;
  /** As DynamoDB reports it; 0 when it does not (DynamoDB Local never does for PartiQL). */
  readonly capacityUnits: number;
}

export interface DynamoDbTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly maxParallelRequests?: number;
  /** The wait before something is tried again; 25 to 75 ms by default. */
  readonly pauseBeforeRetry?: () => Promise<void>;
  /** The wait before a transaction that met another one is tried again; see `pauseWithJitter` by default. */
  readonly pauseAfterConflict?: (attempt: number) => Promise<unknown>;
  /** When given, DynamoDB is asked for the capacity that each request consumed. */
  readonly onRequest?: (report: TableRequestReport) => void;
}

export class DynamoDbTable {
  readonly tableName: string;
  readonly #client: DynamoDBClient;
  readonly #maxParallelRequests: number;
  readonly #pauseBeforeRetry: () => Promise<void>;
  readonly #pauseAfterConflict: (attempt: number) => Promise<unknown>;
  readonly #onRequest: ((report: TableRequestReport) => void) | undefined;

  constructor(options: DynamoDbTableOptions) {
    this.tableName = options.tableName;
    this.#client = options.client;
    this.#maxParallelRequests = options.maxParallelRequests ?? 8;
    this.#pauseBeforeRetry = options.pauseBeforeRetry ?? (() => pause(25 + Math.random() * 50));
    this.#pauseAfterConflict = options.pauseAfterConflict ?? pauseWithJitter;
    this.#onRequest = options.onRequest;
  }

  /**
   * PartiQL writes, each independent of its neighbors; answers in their order. What got no clear answer is
   * tried once more. Note that a write whose answer was lost, tried again by us or by the SDK, finds itself:
   * `exists` and `condition-failed` may mean our own write, so callers read before they conclude.
   * @throws TableError when the table cannot be used at all.
   */
  async write(statements: readonly BatchStatementRequest[]): Promise<StatementResult[]> {
    const results = await this.#writeOnce(statements);
    const indeterminate = results.flatMap((result, index) => (result === 'indeterminate' ? [index] : []));
    if (indeterminate.length === 0) return results;

    await this.#pauseBeforeRetry();
    const again = await this.#writeOnce(statements.filter((_, index) => results[index] === 'indeterminate'));
    const answersAgain = new Map(indeterminate.map((index, nth) => [index, again[nth] ?? 'indeterminate']));
    return results.map((result, index) => answersAgain.get(index) ?? result);
  }

  /**
   * Writes to several items, all or none. While others write to the same items it is tried again, for seconds.
   * @throws TableError when the table cannot be used at all.
   */
  transact(writes: readonly TransactWriteItem[]): Promise<TransactionResult> {
    const onRequest = this.#onRequest && {
      onRequest: (consumed: readonly ConsumedCapacity[] | undefined) => {
        this.#report('TransactWriteItems', consumed);
      },
    };
    const context = { client: this.#client, tableName: this.tableName, ...onRequest };
    return writeTransaction({ ...context, pauseAfterConflict: this.#pauseAfterConflict }, writes);
  }

  /**
   * All items of a query, page by page as they are consumed; of an index, so eventually consistent.
   * @throws TableError when a page could not be read.
   */
  async *query(input: Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>): AsyncIterable<Item> {
    let startKey: Item | undefined;
    do {
      const output = await this.#queryPage({ ...input, ...(startKey && { ExclusiveStartKey: startKey }) });
      yield* output.Items ?? [];
      startKey = output.LastEvaluatedKey;
    } while (startKey !== undefined);
  }

  /**
   * The items that exist under these keys, by key, strongly consistent; of each, these attributes (all by default).
   * @throws TableError when any key could not be read.
   */
  async read(keys: readonly string[], attributes?: readonly string[]): Promise<ReadonlyMap<string, Item>> {
    // BatchGetItem refuses a request that names a key twice.
    const requests = pieces([...new Set(keys)], KEYS_PER_REQUEST);
    const results = await mapWithConcurrency(requests, this.#maxParallelRequests, (request) =>
      this.#readRequest(request, attributes),
    );
    return new Map(results.flat());
  }

  async #writeOnce(statements: readonly BatchStatementRequest[]): Promise<StatementResult[]> {
    const requests = pieces(statements, STATEMENTS_PER_REQUEST);
    const results = await mapWithConcurrency(requests, this.#maxParallelRequests, (request) =>
      this.#writeRequest(request),
    );
    return results.flat();
  }

  async #writeRequest(statements: readonly BatchStatementRequest[]): Promise<StatementResult[]> {
    let output: BatchExecuteStatementCommandOutput;
    try {
      output = await this.#client.send(
        new BatchExecuteStatementCommand({ Statements: [...statements], ...this.#capacityWanted() }),
      );
    } catch (error) {
      if (isTransient(error)) return statements.map(() => 'indeterminate');
      throw tableErrorFrom('BatchExecuteStatement', this.tableName, error, false);
    }
    this.#report('BatchExecuteStatement', output.ConsumedCapacity);
    return statements.map((_, index) => this.#answerOf(output.Responses?.[index]));
  }

  #answerOf(response: BatchStatementResponse | undefined): StatementResult {
    if (response === undefined) return 'indeterminate';
    if (response.Error === undefined) return 'done';
    return this.#answerOfError(response.Error);
  }

  #answerOfError({ Code: code, Message: message }: BatchStatementError): StatementResult {
    switch (code) {
      case 'DuplicateItem':
        return 'exists';
      case 'ConditionalCheckFailed':
        return 'condition-failed';
      case 'AccessDenied':
      case 'ResourceNotFound':
      case 'ValidationError':
      case 'ItemCollectionSizeLimitExceeded':
        throw new TableError(
          { operation: 'BatchExecuteStatement', tableName: this.tableName, code, retryable: false },
          message,
        );
      case 'ThrottlingError':
      case 'ProvisionedThroughputExceeded':
      case 'RequestLimitExceeded':
      case 'InternalServerError':
      case 'TransactionConflict':
      case undefined:
        return 'indeterminate';
      default:
        // A code that is newer than this program proves nothing about the write.
        return 'indeterminate';
    }
  }

  async #readRequest(
    keys: readonly string[],
    attributes: readonly string[] | undefined,
  ): Promise<[string, Item][]> {
    const found: [string, Item][] = [];
    let wanted: Item[] = keys.map((key) => ({ pk: { S: key } }));
    for (let round = 1; wanted.length > 0; round += 1) {
      if (round > READ_ROUNDS) throw this.#readError('UnprocessedKeys');
      if (round > 1) await this.#pauseBeforeRetry();
      const output = await this.#getItems(wanted, attributes);
      for (const item of output.Responses?.[this.tableName] ?? []) {
        const key = item['pk']?.S;
        if (key !== undefined) found.push([key, item]);
      }
      wanted = output.UnprocessedKeys?.[this.tableName]?.Keys ?? [];
    }
    return found;
  }

  async #getItems(
    keys: Item[],
    attributes: readonly string[] | undefined,
  ): Promise<BatchGetItemCommandOutput> {
    const projection = attributes && { ProjectionExpression: attributes.join(', ') };
    let output: BatchGetItemCommandOutput;
    try {
      output = await this.#client.send(
        new BatchGetItemCommand({
          RequestItems: { [this.tableName]: { Keys: keys, ConsistentRead: true, ...projection } },
          ...this.#capacityWanted(),
        }),
      );
    } catch (error) {
      throw tableErrorFrom('BatchGetItem', this.tableName, error, isTransient(error));
    }
    this.#report('BatchGetItem', output.ConsumedCapacity);
    return output;
  }

  async #queryPage(input: Omit<QueryCommandInput, 'TableName'>) {
    try {
      const output = await this.#client.send(
        new QueryCommand({ TableName: this.tableName, ...input, ...this.#capacityWanted() }),
      );
      this.#report('Query', output.ConsumedCapacity && [output.ConsumedCapacity]);
      return output;
    } catch (error) {
      throw tableErrorFrom('Query', this.tableName, error, isTransient(error));
    }
  }

  #readError(code: string): TableError {
    return new TableError({ operation: 'BatchGetItem', tableName: this.tableName, code, retryable: true });
  }

  #capacityWanted(): { ReturnConsumedCapacity?: 'TOTAL' } {
    return this.#onRequest === undefined ? {} : { ReturnConsumedCapacity: 'TOTAL' };
  }

  #report(operation: TableOperation, consumed: readonly ConsumedCapacity[] | undefined): void {
    this.#onRequest?.({
      operation,
      capacityUnits: (consumed ?? []).reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0),
    });
  }
}

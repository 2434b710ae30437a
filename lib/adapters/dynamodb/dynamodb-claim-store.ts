import type { BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { Claim, ClaimMove, ClaimStore, InsertResult, MoveResult } from '../../ports.ts';
import { claimItem, claimOf } from './dynamodb-items.ts';
import { moveResultOf, type DynamoDbTable, type StatementResult } from './dynamodb-table.ts';

/**
 * Claims in DynamoDB: PartiQL inserts of 25 a request, so that each event costs one write unit, a 25th of a
 * request, and has an answer of its own.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.batching.html
 */
export class DynamoDbClaimStore implements ClaimStore {
  readonly #table: DynamoDbTable;
  readonly #insertStatement: string;
  readonly #moveStatement: string;

  constructor(table: DynamoDbTable) {
    this.#table = table;
    this.#insertStatement = `INSERT INTO "${table.tableName}" VALUE {'pk': ?, 'b': ?, 'l': ?, 'expires': ?}`;
    this.#moveStatement = `UPDATE "${table.tableName}" SET "b" = ? SET "l" = ? SET "expires" = ? WHERE "pk" = ? AND "b" = ?`;
  }

  /**
   * `exists` may be our own insert whose answer was lost: the caller reads which batch the claim names.
   * @throws TableError when the table cannot be used at all.
   */
  async insertClaims(claims: readonly Claim[]): Promise<readonly InsertResult[]> {
    assertUnique(claims.map((claim) => claim.claimKey));
    const results = await this.#table.write(claims.map((claim) => this.#insert(claim)));
    return results.map(insertAnswerOf);
  }

  /** @throws TableError when a claim could not be read. */
  async readClaims(claimKeys: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const items = await this.#table.read(claimKeys);
    return new Map([...items].map(([claimKey, item]) => [claimKey, claimOf(item)]));
  }

  /**
   * `changed` may be our own move whose answer was lost: the caller reads which batch the claim names.
   * @throws TableError when the table cannot be used at all.
   */
  async moveClaims(moves: readonly ClaimMove[]): Promise<readonly MoveResult[]> {
    assertUnique(moves.map((move) => move.claim.claimKey));
    const results = await this.#table.write(moves.map((move) => this.#move(move)));
    return results.map(moveResultOf);
  }

  #insert(claim: Claim): BatchStatementRequest {
    const { pk, b, l, expires } = claimItem(claim);
    return { Statement: this.#insertStatement, Parameters: [pk, b, l, expires] };
  }

  #move({ claim, fromBatchId }: ClaimMove): BatchStatementRequest {
    const { pk, b, l, expires } = claimItem(claim);
    return { Statement: this.#moveStatement, Parameters: [b, l, expires, pk, { S: fromBatchId }] };
  }
}

function insertAnswerOf(result: StatementResult): InsertResult {
  switch (result) {
    case 'done':
      return 'inserted';
    case 'exists':
    case 'condition-failed':
      return 'exists';
    case 'indeterminate':
      return 'indeterminate';
  }
}

/** DynamoDB refuses a batch that names a key twice, or answers that the second one exists. */
function assertUnique(claimKeys: readonly string[]): void {
  if (new Set(claimKeys).size !== claimKeys.length) {
    throw new RangeError('Claim keys must be unique within a call: leave duplicates out before claiming.');
  }
}

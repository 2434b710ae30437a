/**
 * What DynamoDB does and no local engine: of two transactions at the same item at the same time it cancels one, where
 * the engines let it wait.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */
import {
  TransactionCanceledException,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';

export class TransactionConflicts {
  readonly #keysInUse = new Set<string>();
  /** How many transactions were cancelled. */
  count = 0;

  /** From now on transactions of this client meet conflicts; those of other clients with the same object, too. */
  addTo(client: DynamoDBClient): void {
    client.middlewareStack.add(
      (next) => async (args) => {
        if (!('TransactItems' in args.input)) return next(args);
        const keys = (args.input.TransactItems ?? []).map(keyOf);
        if (keys.some((key) => this.#keysInUse.has(key))) throw this.#cancelled(keys);
        for (const key of keys) this.#keysInUse.add(key);
        try {
          return await next(args);
        } finally {
          for (const key of keys) this.#keysInUse.delete(key);
        }
      },
      { step: 'initialize', name: 'transactionConflicts' },
    );
  }

  #cancelled(keys: readonly string[]): TransactionCanceledException {
    this.count++;
    return new TransactionCanceledException({
      message: 'Transaction cancelled: another one is at the same item.',
      $metadata: { httpStatusCode: 400 },
      CancellationReasons: keys.map((key) => ({
        Code: this.#keysInUse.has(key) ? 'TransactionConflict' : 'None',
      })),
    });
  }
}

function keyOf({ Put: put, Update: update }: TransactWriteItem): string {
  const key = put?.Item?.['pk']?.S ?? update?.Key?.['pk']?.S;
  if (key === undefined) throw new Error('a write of a transaction has no key');
  return key;
}

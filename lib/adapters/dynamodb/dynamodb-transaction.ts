/** Writes to several items of the table, all or none of them, made again while others write to the same items. */
import {
  TransactWriteItemsCommand,
  TransactionCanceledException,
  type CancellationReason,
  type ConsumedCapacity,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { isThrottled, isTransient } from '../aws/aws-error.ts';
import { TableError, tableErrorFrom } from './table-error.ts';

export type TransactionAnswer =
  | { readonly kind: 'done' }
  /** Nothing was written. Which of the writes met a condition that did not hold, in their order. */
  | { readonly kind: 'condition-failed'; readonly failed: readonly boolean[] }
  /** It may or may not have happened; or others kept writing to the same items. */
  | { readonly kind: 'indeterminate' };

export interface TransactionTerms {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** `attempt` 1 is the pause after the first try. */
  readonly pauseAfterConflict: (attempt: number) => Promise<unknown>;
  readonly onRequest?: (consumed: readonly ConsumedCapacity[] | undefined) => void;
}

export const MAX_TRIES = 9;
const LONGEST_PAUSE_MS = 1_000;

/** "Full jitter": anything up to a bound that doubles. All pauses of a transaction are 2.3 s on average, 4.6 s at most. */
export function pauseWithJitter(attempt: number): Promise<unknown> {
  return pause(Math.random() * longestPauseMs(attempt));
}

export function longestPauseMs(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, 25 * 2 ** attempt);
}

/**
 * DynamoDB does not wait for a transaction on the same item, it cancels one of the two.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 * @throws TableError when the table cannot be used at all.
 */
export async function writeTransaction(
  context: TransactionTerms,
  writes: readonly TransactWriteItem[],
): Promise<TransactionAnswer> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    if (attempt > 1) await context.pauseAfterConflict(attempt - 1);
    const result = await writeOnce(context, writes);
    if (result.kind !== 'busy') return result;
  }
  return { kind: 'indeterminate' };
}

/** Nothing was written, and it may go well the next time. */
interface Busy {
  readonly kind: 'busy';
}

async function writeOnce(
  { client, tableName, onRequest }: TransactionTerms,
  writes: readonly TransactWriteItem[],
): Promise<TransactionAnswer | Busy> {
  try {
    // The SDK's own tries carry the same token: one whose answer was lost is not taken for somebody else's.
    const output = await client.send(
      new TransactWriteItemsCommand({
        TransactItems: [...writes],
        ...(onRequest && { ReturnConsumedCapacity: 'TOTAL' }),
      }),
    );
    onRequest?.(output.ConsumedCapacity);
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      return answerOfReasons(error.CancellationReasons ?? [], tableName, error);
    }
    if (isThrottled(error)) return { kind: 'busy' };
    if (isTransient(error)) return { kind: 'indeterminate' };
    throw tableErrorFrom('TransactWriteItems', tableName, error, false);
  }
}

function answerOfReasons(
  reasons: readonly CancellationReason[],
  tableName: string,
  cause: Error,
): TransactionAnswer | Busy {
  const failed = reasons.map(({ Code: code }) => code === 'ConditionalCheckFailed');
  if (failed.includes(true)) return { kind: 'condition-failed', failed };
  const broken = reasons.find(({ Code: code = '' }) => BROKEN_CODES.has(code));
  if (broken === undefined) return { kind: 'busy' };
  const code = broken.Code ?? '';
  throw new TableError({ operation: 'TransactWriteItems', tableName, code, retryable: false }, cause);
}

/** Of what is left, all passes: `TransactionConflict`, `ThrottlingError`, `ProvisionedThroughputExceeded`. */
const BROKEN_CODES: ReadonlySet<string> = new Set([
  'ValidationError',
  'ItemCollectionSizeLimitExceeded',
  'AccessDenied',
  'ResourceNotFound',
]);

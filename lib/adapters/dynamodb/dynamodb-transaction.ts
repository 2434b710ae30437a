/** Write several items of the table, all or none, and repeat that while other writers use the same items. */
import {
  TransactWriteItemsCommand,
  TransactionCanceledException,
  TransactionInProgressException,
  type CancellationReason,
  type ConsumedCapacity,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { isThrottled, isTransient } from '../aws/aws-error.ts';
import { TableError, tableErrorFrom } from './table-error.ts';

export type TransactionResult =
  | { readonly kind: 'done' }
  /** Nothing was written. Which of the writes met a condition that did not hold, in their order. */
  | { readonly kind: 'condition-failed'; readonly failed: readonly boolean[] }
  /** It may or may not have happened; or others kept writing to the same items. */
  | { readonly kind: 'indeterminate' };

export interface TransactionContext {
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
  context: TransactionContext,
  writes: readonly TransactWriteItem[],
): Promise<TransactionResult> {
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
  { client, tableName, onRequest }: TransactionContext,
  writes: readonly TransactWriteItem[],
): Promise<TransactionResult | Busy> {
  try {
    // The SDK's own retries carry the same token: a try whose response was lost does not conflict with the next one.
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
      return resultOfReasons(error.CancellationReasons ?? [], tableName, error);
    }
    // The first try of this very request may still be at work, so it is not known to have done nothing.
    if (error instanceof TransactionInProgressException) return { kind: 'indeterminate' };
    if (isThrottled(error)) return { kind: 'busy' };
    if (isTransient(error)) return { kind: 'indeterminate' };
    throw tableErrorFrom('TransactWriteItems', tableName, error, false);
  }
}

function resultOfReasons(
  reasons: readonly CancellationReason[],
  tableName: string,
  cause: Error,
): TransactionResult | Busy {
  const failed = reasons.map(({ Code: code }) => code === 'ConditionalCheckFailed');
  if (failed.includes(true)) return { kind: 'condition-failed', failed };
  const broken = reasons.find(({ Code: code = '' }) => BROKEN_CODES.has(code));
  if (broken === undefined) return { kind: 'busy' };
  const code = broken.Code ?? '';
  throw new TableError({ operation: 'TransactWriteItems', tableName, code, retryable: false }, cause);
}

/** Codes that only a change to the deployment cures. All others pass: conflicts, throttling, throughput. */
const BROKEN_CODES: ReadonlySet<string> = new Set([
  'ValidationError',
  'ItemCollectionSizeLimitExceeded',
  'AccessDenied',
  'ResourceNotFound',
]);

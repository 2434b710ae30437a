import { errorName } from '../aws/aws-error.ts';

export type TableOperation =
  'BatchExecuteStatement' | 'ExecuteStatement' | 'BatchGetItem' | 'TransactWriteItems' | 'Query' | 'Scan';

/** The idempotency table could not be used. Nothing is known of what the failed operation was to read or write. */
export class TableError extends Error {
  override readonly name = 'TableError';
  readonly operation: TableOperation;
  readonly tableName: string;
  /** AWS's name for what went wrong, such as `ResourceNotFoundException` or `AccessDenied`. */
  readonly code: string;
  /** True: throttled or unavailable, and already tried again. False: only a change to the deployment helps. */
  readonly retryable: boolean;

  constructor(
    problem: { operation: TableOperation; tableName: string; code: string; retryable: boolean },
    cause?: unknown,
  ) {
    super(
      `${problem.operation} on table ${problem.tableName} failed: ${problem.code}. ` +
        (problem.retryable
          ? 'DynamoDB is throttling or unavailable.'
          : "Check the table's name and region and the function's permissions."),
      { cause },
    );
    this.operation = problem.operation;
    this.tableName = problem.tableName;
    this.code = problem.code;
    this.retryable = problem.retryable;
  }
}

/** The SDK's error as a `TableError`. */
export function tableErrorFrom(
  operation: TableOperation,
  tableName: string,
  cause: unknown,
  retryable: boolean,
): TableError {
  return new TableError({ operation, tableName, code: errorName(cause), retryable }, cause);
}

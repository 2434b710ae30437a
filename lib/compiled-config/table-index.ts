/**
 * The only index of the table, named by the deployment and by queries: windows that are not closed. No other item may
 * have an attribute of these names: DynamoDB refuses a write whose index key has another type.
 */
export const WINDOW_INDEX = {
  name: 'unclosed-windows',
  /** A string. A window is in the index as long as it has this attribute. */
  partitionKey: 'x',
  /** A number: the latest time at which the window is closed, in epoch milliseconds. */
  sortKey: 'z',
} as const;

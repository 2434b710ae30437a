/**
 * The table's one index, which both who deploys it and who asks it have to name: windows that are not closed. No other
 * item may have an attribute of these names: DynamoDB refuses a write with a key of the index that is of another type.
 */
export const WINDOW_INDEX = {
  name: 'unclosed-windows',
  /** A window is in the index as long as it has this attribute. String. */
  partitionKey: 'x',
  /** When the window is closed at the latest, epoch milliseconds. Number. */
  sortKey: 'z',
} as const;

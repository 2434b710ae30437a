import type { Item } from '../../../lib/adapters/dynamodb/dynamodb-items.ts';

/**
 * The size by which DynamoDB bills an item, for strings, numbers and bytes.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, { S: text, N: number, B: bytes }]) => {
    const valueBytes =
      text !== undefined
        ? Buffer.byteLength(text)
        : number !== undefined
          ? Math.ceil(number.length / 2) + 1
          : (bytes?.length ?? Number.NaN);
    return sum + Buffer.byteLength(name) + valueBytes;
  }, 0);
}

/** The provisioned capacity of the index of windows, from that of its table: for the stack, and for what it costs. */
import type { CompiledProvisionedCapacity } from './compiled.ts';

/**
 * A window writes to the index when it is opened and when it is closed, and its events write to the table at least four
 * times as often. An index that is throttled throttles the table, so its maximum is that of the table.
 */
export function indexCapacity(
  table: CompiledProvisionedCapacity,
  hasWindows: boolean,
): CompiledProvisionedCapacity {
  return {
    ...table,
    minWriteUnits: hasWindows ? Math.ceil(table.minWriteUnits / 4) : 1,
    // Only the sweep reads it.
    minReadUnits: 1,
  };
}

/** Reads the pages on which windows list their chunks. */
import { pageOf } from '../../windows/window-rules.ts';
import type { ListedWindow } from '../../windows/window-ports.ts';
import type { DynamoDbTable } from './dynamodb-table.ts';
import { pageKey } from './dynamodb-window-items.ts';

/** Name all pages that a window may have. Each addition was listed by a count that was read before it. */
export function pageKeysOf(window: ListedWindow): readonly string[] {
  if (window.additions === 0) return [];
  const last = pageOf(window.additions - 1);
  return Array.from({ length: last + 1 }, (_, page) => pageKey(window, page));
}

/**
 * Read the batch ids of all chunks that these windows list. Strongly consistent.
 * @throws TableError when a page could not be read.
 */
export async function readListedBatchIds(
  table: DynamoDbTable,
  windows: readonly ListedWindow[],
): Promise<readonly string[]> {
  const pages = await table.read(windows.flatMap(pageKeysOf));
  return [...new Set([...pages.values()].flatMap((page) => page['i']?.SS ?? []))];
}

/** What to write instead, for what people type who know Python or SQL better than CEL. */
import type { ParseError, TypeError } from '@marcbachmann/cel-js';

/** Return null where the library's own message says enough. */
export function hintFor(_text: string, error: ParseError | TypeError): string | null {
  if (error.code !== 'unknown_variable') return null;
  return 'filters and keys see `event`, parameters see `events` (a list, oldest first)';
}

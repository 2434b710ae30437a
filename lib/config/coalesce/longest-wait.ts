/** The longest time that an event waits in a window. */
import type { Valid } from '../valid-parts.ts';
import type { CoalesceConfiguration } from './model.ts';

/** Return the longest that an event is in a window: `none` for modes without windows, null when the field is broken. */
export function longestWaitSeconds(coalesce: Valid<CoalesceConfiguration>): number | 'none' | null {
  switch (coalesce.mode) {
    case 'none':
    case 'invocation':
      return 'none';
    case 'window':
    case 'debounce':
      return coalesce.maxWait;
    case 'sliding':
      return coalesce.size;
  }
}

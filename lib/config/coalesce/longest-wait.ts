/** The longest time that an event waits in a window. */
import { longestIntervalSeconds } from '../../windows/closing-times.ts';
import type { Valid } from '../valid-parts.ts';
import { closingSchedule } from './compile.ts';
import type { CoalesceConfiguration } from './model.ts';

/** Return the longest that an event is in a window: `none` for modes without windows, null when the field is broken. */
export function longestWaitSeconds(coalesce: Valid<CoalesceConfiguration>): number | 'none' | null {
  switch (coalesce.mode) {
    case 'none':
    case 'invocation':
      return 'none';
    case 'window': {
      const { maxWait = null, at, zone = 'UTC' } = coalesce;
      if (at === undefined) return maxWait;
      return at === null || zone === null ? null : longestIntervalSeconds(closingSchedule(at, zone));
    }
    case 'debounce':
      return coalesce.maxWait;
    case 'sliding':
      return coalesce.size;
  }
}

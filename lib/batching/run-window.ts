/** The window of a flow run, for its expressions. It is made of what is stored, so that every attempt sees the same. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import { acceptedAtEpochMsOf } from '../event/event.ts';
import type { RunWindow } from '../expressions/window-view.ts';
import type { WindowSpan } from '../prefect/run-label.ts';
import type { Route, RoutedEvent } from '../routing/route.ts';
import { keyTextOf } from './group-key.ts';

/** A batch, as far as it says which window its run has. */
interface WindowedBatch {
  readonly route: Route;
  readonly span: WindowSpan | null;
  readonly reason: string;
}

/** Return null on routes without windows. `events` are those of the run: all of the batch, or some of it. */
export function runWindowOf(
  { route, span, reason }: WindowedBatch,
  events: readonly RoutedEvent[],
): RunWindow | null {
  if (!isWindowing(route.config.coalesce)) return null;
  const count = events.length;
  if (span !== null) return { ...span, reason, count };
  // These did not wait, since they are too large for a window: theirs is the time in which they were received.
  const times = events.map(({ event }) => acceptedAtEpochMsOf(event.origin) ?? 0);
  return {
    startEpochMs: Math.min(...times),
    endEpochMs: Math.max(...times),
    key: keyTextOf(events[0]?.groupKey ?? ''),
    reason,
    count,
  };
}

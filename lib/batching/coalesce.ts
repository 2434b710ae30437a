/** Coalescing: which events of a route share a flow run. Pure, total, and in the order of arrival. */
import type { CompiledCoalescing, CompiledWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { Event } from '../event/event.ts';
import type { Destination } from './batch-id.ts';
import type { RoutedEvent } from '../routing/route.ts';
import { storedBytes } from '../event/stored-event.ts';

/** Events that may share a run, of one group key, in the order of arrival. */
export interface Group<Routed extends RoutedEvent> {
  readonly events: readonly Routed[];
  readonly destination: Destination;
}

/**
 * Groups within both caps. Caps are hard: a group is split, never overshot; an event larger than `maxBytes` goes alone,
 * and does not wait in a window. `events` hold no duplicates, so duplicates never count.
 */
export function coalesce<Routed extends RoutedEvent>(
  events: readonly Routed[],
  coalescing: CompiledCoalescing,
): readonly Group<Routed>[] {
  switch (coalescing.mode) {
    case 'none':
      return events.map((event) => ({ events: [event], destination: 'run' }));
    case 'invocation':
      return [...byGroupKey(events).values()].flatMap((group) =>
        withinCaps(group, coalescing, dataBytes).map((each) => ({ events: each, destination: 'run' })),
      );
    case 'window':
    case 'clock':
    case 'debounce':
    case 'sliding':
      return [...byGroupKey(events).values()].flatMap((group) => chunksOf(group, coalescing));
  }
}

/** An item of the table holds 400 KB: the events of a chunk and the hashes of their keys. */
const MAX_CHUNK_BYTES = 262_144;

/** Chunks for a window, each an item of the table. */
function chunksOf<Routed extends RoutedEvent>(
  events: readonly Routed[],
  { maxEvents, maxBytes }: CompiledWindowing,
): Group<Routed>[] {
  const tooLarge = events.filter(
    ({ event }) => dataBytes(event) > maxBytes || storedBytes(event) > MAX_CHUNK_BYTES,
  );
  const waiting = events.filter((each) => !tooLarge.includes(each));
  const groups = withinCaps(waiting, { maxEvents, maxBytes }, dataBytes).flatMap((group) =>
    withinCaps(group, { maxEvents, maxBytes: MAX_CHUNK_BYTES }, storedBytes),
  );
  return [
    ...tooLarge.map((each): Group<Routed> => ({ events: [each], destination: 'run' })),
    ...groups.map((each): Group<Routed> => ({ events: each, destination: 'window' })),
  ];
}

function byGroupKey<Routed extends RoutedEvent>(events: readonly Routed[]): ReadonlyMap<string, Routed[]> {
  const groups = new Map<string, Routed[]>();
  for (const event of events) {
    const group = groups.get(event.groupKey);
    if (group === undefined) groups.set(event.groupKey, [event]);
    else group.push(event);
  }
  return groups;
}

function withinCaps<Routed extends RoutedEvent>(
  group: readonly Routed[],
  { maxEvents, maxBytes }: { readonly maxEvents: number; readonly maxBytes: number },
  bytesOf: (event: Event) => number,
): Routed[][] {
  const batches: Routed[][] = [];
  let bytes = Infinity;
  for (const routed of group) {
    const size = bytesOf(routed.event);
    const batch = batches.at(-1);
    if (batch === undefined || batch.length >= maxEvents || bytes + size > maxBytes) {
      batches.push([routed]);
      bytes = size;
    } else {
      batch.push(routed);
      bytes += size;
    }
  }
  return batches;
}

/** The size that `maxBytes` counts: the UTF-8 bytes of the event's data, as it was received. */
export function dataBytes({ data }: Event): number {
  switch (data.kind) {
    case 'json':
    case 'text':
      return Buffer.byteLength(data.text);
    case 'binary':
      return data.base64.length;
    case 'none':
      return 0;
  }
}

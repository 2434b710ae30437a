/** Coalescing: which events of a route share a flow run. Pure, total, and in the order of arrival. */
import type { CompiledCoalescing } from '../config/compiled.ts';
import type { Event } from '../event/event.ts';
import type { RoutedEvent } from '../routing/route.ts';

/**
 * Groups of events that may share a run: of one group key, in the order of arrival, within both caps. Caps are hard:
 * a group is split, never overshot; an event larger than `maxBytes` goes alone.
 * `events` hold no duplicates, so duplicates never count.
 */
export function coalesce<Routed extends RoutedEvent>(
  events: readonly Routed[],
  coalescing: CompiledCoalescing,
): readonly (readonly Routed[])[] {
  switch (coalescing.mode) {
    case 'none':
      return events.map((event) => [event]);
    case 'invocation':
      return [...byGroupKey(events).values()].flatMap((group) => withinCaps(group, coalescing));
  }
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
): Routed[][] {
  const batches: Routed[][] = [];
  let bytes = Infinity;
  for (const routed of group) {
    const size = dataBytes(routed.event);
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

/** What `maxBytes` counts: the UTF-8 bytes of the event's data, as it was received. */
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

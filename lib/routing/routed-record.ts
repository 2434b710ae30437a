/** Events on their way through the pipeline, each with the record that brought it. */
import type { Event } from '../event/event.ts';
import type { ReceivedRecord } from '../event/record.ts';
import type { Route, RoutedEvent } from './route.ts';

export interface ArrivedEvent {
  readonly record: ReceivedRecord;
  readonly event: Event;
}

export interface ArrivedOnRoute extends ArrivedEvent, RoutedEvent {
  readonly route: Route;
  /** How often the most delivered of its records was delivered, this time included. */
  readonly deliveryCount: number;
  /** Id of the record that brought it. */
  readonly origin: string;
  /** Of an event that its dead letters brought back: the batches in which they say that it died. */
  readonly deadBatchIds?: readonly string[];
  /** The same event again, in later records of this invocation. */
  readonly repeats: readonly ArrivedEvent[];
}

/** Duplicates within one invocation are found before the table is asked: the first stands for all. */
export function dedupeWithinInvocation(arrived: readonly ArrivedOnRoute[]): readonly ArrivedOnRoute[] {
  const byKey = new Map<string, ArrivedOnRoute>();
  for (const each of arrived) {
    const first = byKey.get(each.member.claimKey);
    byKey.set(each.member.claimKey, first === undefined ? each : joined(first, each));
  }
  return [...byKey.values()];
}

function joined(
  first: ArrivedOnRoute,
  { record, event, deliveryCount, deadBatchIds }: ArrivedOnRoute,
): ArrivedOnRoute {
  return {
    ...first,
    ...(deadBatchIds !== undefined && { deadBatchIds: [...(first.deadBatchIds ?? []), ...deadBatchIds] }),
    deliveryCount: Math.max(first.deliveryCount, deliveryCount),
    repeats: [...first.repeats, { record, event }],
  };
}

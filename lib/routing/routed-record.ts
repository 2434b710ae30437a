/** Events on their way through the pipeline, each with the record that brought it. */
import type { Event } from '../event/event.ts';
import type { ReceivedRecord } from '../event/record.ts';
import type { Route, RoutedEvent } from './route.ts';

export interface ArrivedEvent {
  readonly record: ReceivedRecord;
  readonly event: Event;
}

export interface RoutedRecord extends ArrivedEvent, RoutedEvent {
  readonly route: Route;
  /** The highest delivery count among its records, this delivery included. */
  readonly deliveryCount: number;
  /** Set where flow runs are created in the order of the records. */
  readonly inOrder?: boolean;
  /** Id of the record that brought it. */
  readonly origin: string;
  /** Set on a redrive: the batches in which its dead letters say that the event died. */
  readonly deadBatchIds?: readonly string[];
  /** The same event again, in later records of this invocation. */
  readonly repeats: readonly ArrivedEvent[];
}

/** Join duplicates within one invocation before the table is asked: the first one stands for all. */
export function dedupeWithinInvocation(arrived: readonly RoutedRecord[]): readonly RoutedRecord[] {
  const byKey = new Map<string, RoutedRecord>();
  for (const each of arrived) {
    const first = byKey.get(each.member.claimKey);
    byKey.set(each.member.claimKey, first === undefined ? each : joined(first, each));
  }
  return [...byKey.values()];
}

function joined(
  first: RoutedRecord,
  { record, event, deliveryCount, deadBatchIds }: RoutedRecord,
): RoutedRecord {
  return {
    ...first,
    ...(deadBatchIds !== undefined && { deadBatchIds: [...(first.deadBatchIds ?? []), ...deadBatchIds] }),
    deliveryCount: Math.max(first.deliveryCount, deliveryCount),
    repeats: [...first.repeats, { record, event }],
  };
}

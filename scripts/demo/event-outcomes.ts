/** Matches accepted events with the outcomes that the functions have logged. */
import type { OutcomeLine } from './outcome-log.ts';
import type { SendResult } from './send.ts';

export type AcceptedEvent = Extract<SendResult, { kind: 'accepted' }>;

export interface EventOutcome {
  readonly accepted: AcceptedEvent;
  /** `null` while it is unknown, or while the event waits to be redelivered. */
  readonly outcome: OutcomeLine | null;
}

/**
 * Return one outcome for each accepted event, in the order of the events. An id that was accepted twice has two
 * outcomes, the older one first. Each event of the demo matches one route at most, so each delivery has one outcome.
 */
export function matchOutcomes(
  accepted: readonly AcceptedEvent[],
  log: readonly OutcomeLine[],
): readonly EventOutcome[] {
  const unassigned = finalOutcomes(log);
  return accepted.map((each) => {
    const index = unassigned.findIndex((line) => concerns(line, each));
    const [outcome = null] = index < 0 ? [] : unassigned.splice(index, 1);
    return { accepted: each, outcome };
  });
}

/** Take the first final outcome of each delivery: a message may be redelivered after it was settled. */
function finalOutcomes(log: readonly OutcomeLine[]): OutcomeLine[] {
  const settled = log.filter(({ outcome }) => outcome !== 'retry' && outcome !== 'held');
  const deliveries = Map.groupBy(settled, ({ recordId, eventId }) => JSON.stringify([recordId, eventId]));
  return [...deliveries.values()].flatMap(([first]) => first ?? []);
}

/** The endpoint responds with the id of the event, a queue with the id of the message. */
function concerns({ source, eventId, recordId }: OutcomeLine, accepted: AcceptedEvent): boolean {
  return source === accepted.source && (eventId === accepted.id || recordId === accepted.id);
}

/** Brings together what was accepted and what the functions say became of it. */
import type { OutcomeLine } from './outcome-log.ts';
import type { Answer } from './sending.ts';

export type AcceptedEvent = Extract<Answer, { kind: 'accepted' }>;

export interface Fate {
  readonly accepted: AcceptedEvent;
  /** Null as long as it is not known, or is to be delivered again. */
  readonly outcome: OutcomeLine | null;
}

/**
 * One fate for each accepted event, in their order. An id that was accepted twice has two, the older outcome first.
 * Each event of the demo is on one route at most, so there is one outcome to each delivery.
 */
export function fatesOf(accepted: readonly AcceptedEvent[], log: readonly OutcomeLine[]): readonly Fate[] {
  const unassigned = finalOutcomes(log);
  return accepted.map((each) => {
    const index = unassigned.findIndex((line) => isAbout(line, each));
    const [outcome = null] = index < 0 ? [] : unassigned.splice(index, 1);
    return { accepted: each, outcome };
  });
}

/** The first that is not "again" of each delivery: a message may be delivered again after it was settled. */
function finalOutcomes(log: readonly OutcomeLine[]): OutcomeLine[] {
  const settled = log.filter(({ outcome }) => outcome !== 'retry' && outcome !== 'held');
  const deliveries = Map.groupBy(settled, ({ recordId, eventId }) => JSON.stringify([recordId, eventId]));
  return [...deliveries.values()].flatMap(([first]) => first ?? []);
}

/** The endpoint answers with the event's id, a queue with the message's. */
function isAbout({ source, eventId, recordId }: OutcomeLine, accepted: AcceptedEvent): boolean {
  return source === accepted.source && (eventId === accepted.id || recordId === accepted.id);
}

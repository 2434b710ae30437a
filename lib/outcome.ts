/** The outcomes of events, and the one table that maps an outcome to the disposition of its record. */
import type { Event } from './event/event.ts';
import type { ReceivedRecord, RejectionCode } from './event/record.ts';
import type { UnmetFilter } from './routing/unmet-filter.ts';

/** Why an event has to be delivered again. Nothing of it is the event's fault. */
export type RetryCode =
  | 'prefect-unavailable'
  | 'prefect-unauthorized'
  | 'held-by-budget'
  | 'held-by-prefect'
  | 'held-by-breaker'
  | 'deployment-not-found'
  | 'work-queue-not-found'
  | 'claim-indeterminate'
  | 'in-flight'
  | 'record-not-written'
  | 'out-of-time'
  | 'window-contention'
  | 'timer-queue-unavailable'
  | 'overflow-store-unavailable'
  | 'schema-registry-unavailable'
  | 'dead-letter-queue-unavailable'
  | 'dead-letter-deferred'
  | 'earlier-record-failed'
  | 'internal-error';

/** Outcome of one event on one route. `route` is absent when no route was reached. */
export type Outcome =
  | {
      readonly kind: 'created' | 'duplicate';
      readonly route: string;
      readonly batchId: string;
      readonly flowRunId: string;
    }
  /**
   * In a window that becomes flow runs, since now or (a duplicate) since before: stored for certain, so that nothing
   * more is owed to the source.
   */
  | {
      readonly kind: 'held' | 'duplicate';
      readonly route: string;
      readonly batchId: string;
      readonly windowId: string;
    }
  | {
      readonly kind: 'filtered';
      readonly reason: 'no-route-matched' | 'no-events';
      /** What is not true of the event, by route. */
      readonly unmet?: readonly UnmetFilter[];
    }
  | {
      readonly kind: 'retry';
      readonly route?: string;
      readonly code: RetryCode;
      readonly detail: string;
      /** A redelivery before this time is over would be in vain. */
      readonly retryAfterMs?: number;
    }
  | {
      readonly kind: 'dead-lettered';
      readonly route?: string;
      readonly batchId?: string;
      readonly flowRunId?: string;
      readonly code: RejectionCode;
      readonly detail: string;
    };

/** An outcome with its event and record. `event` is null when the record held none or could not be read. */
export interface EventOutcome {
  readonly record: ReceivedRecord;
  readonly event: Event | null;
  /** Of an event that was matched to a route: it is in the log, so that a claim leads to the lines of its events. */
  readonly claimKey?: string;
  readonly outcome: Outcome;
}

export type Disposition = 'acknowledge' | 'redeliver' | 'dead-letter-then-acknowledge';

const DISPOSITION = {
  'created': 'acknowledge',
  'duplicate': 'acknowledge',
  'filtered': 'acknowledge',
  'held': 'acknowledge',
  'retry': 'redeliver',
  'dead-lettered': 'dead-letter-then-acknowledge',
} as const satisfies Record<Outcome['kind'], Disposition>;

export function dispositionOf(outcome: Outcome): Disposition {
  return DISPOSITION[outcome.kind];
}

/**
 * A record that went to several routes, or that held several events, is delivered again as soon as one of
 * them needs it: what is done already is found to be a duplicate then.
 */
export function mustRedeliver(outcomes: readonly Outcome[]): boolean {
  return outcomes.some((outcome) => dispositionOf(outcome) === 'redeliver');
}

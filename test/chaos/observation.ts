/** What can be seen from outside after a run of the check. */
import type { EventData, EventKey, Installation, WorkloadEvent } from './event.ts';
import type { RouteName } from './routes.ts';

export interface SentEvent extends WorkloadEvent {
  readonly key: EventKey;
  readonly firstSentAtMs: number;
  /** `null`: every response was indeterminate, so the event may or may not be in runs. */
  readonly acceptedAtMs: number | null;
}

/** A flow run as Prefect's API returns it. */
export interface ObservedRun {
  readonly flowRunId: string;
  readonly flow: string;
  readonly route: RouteName;
  readonly idempotencyKey: string | null;
  readonly stateName: string;
  readonly createdAtMs: number;
  /** `null` for a run that does not come from a window. */
  readonly window: { readonly startMs: number; readonly endMs: number } | null;
  /** The version that the parameters name. */
  readonly version: string | null;
  /** The data of the events in the parameters. */
  readonly events: readonly EventData[];
}

export interface ObservedDeadLetter {
  readonly installation: Installation;
  readonly eventId: string;
  readonly route: RouteName | null;
  readonly code: string;
}

export interface Observation {
  readonly sent: readonly SentEvent[];
  readonly runs: readonly ObservedRun[];
  readonly deadLetters: readonly ObservedDeadLetter[];
  /** Runs that Prefect deleted with a deployment, because the nemesis deleted the deployment. None of them had started. */
  readonly deletedRuns: readonly ObservedRun[];
}

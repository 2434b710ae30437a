/** The status of an accepted event on each route that takes it, while its request waits. */

export type RouteStatus =
  | { readonly state: 'created'; readonly route: string; readonly flowRunId: string }
  /** The event is in a window that becomes flow runs; the request does not wait for those. */
  | { readonly state: 'held'; readonly route: string }
  /** `flowRunId` is the dead run, if Prefect refused the event. */
  | {
      readonly state: 'dead-lettered';
      readonly route: string;
      readonly code: string;
      readonly flowRunId?: string;
    }
  /** Its flow run will be created. */
  | { readonly state: 'pending'; readonly route: string };

/** The status of all events of a request. */
export interface RequestStatus {
  /** The routes of each event, in the order of the configuration. Empty if no route takes the event. */
  readonly events: readonly (readonly RouteStatus[])[];
  /** Why the table could not be read, for logs; null if it could. */
  readonly failure: Error | null;
}

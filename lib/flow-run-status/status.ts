/** What is known of an accepted event while its request waits: on each route that wants it. */

export type RouteStatus =
  | { readonly state: 'created'; readonly route: string; readonly flowRunId: string }
  /** In a window that becomes flow runs; the request does not wait for those. */
  | { readonly state: 'held'; readonly route: string }
  /** `flowRunId` is that of the run that never executes, where Prefect refused the event. */
  | {
      readonly state: 'dead-lettered';
      readonly route: string;
      readonly code: string;
      readonly flowRunId?: string;
    }
  /** A flow run is owed. */
  | { readonly state: 'pending'; readonly route: string };

/** Of the events of a request. */
export interface RequestStatus {
  /** In the order of the events: their routes in the order of the configuration, none where no route wants it. */
  readonly events: readonly (readonly RouteStatus[])[];
  /** Why the table could not be read, when that was it; for logs. */
  readonly failure: Error | null;
}

/** An event of the workload, and how it is told apart from all others. */
import type { RouteName } from './routes.ts';

/** Each is a stack with a table and queues of its own; they share one Prefect. */
export type Installation = 'a' | 'b';

/** `<installation>/<id>`: both installations are sent events of the same ids. */
export type EventKey = `${Installation}/${string}`;

export interface EventData {
  readonly installation: Installation;
  readonly id: string;
  /** The window key, and the group in a FIFO queue. */
  readonly line: string;
  /** Prefect refuses an event whose amount is not a number. */
  readonly amount: number | 'poison';
  /** Whether the route `audit` matches the event as well. */
  readonly audit: boolean;
  /** The deduplication key on the routes whose keys recur. */
  readonly key: string;
  /** What makes the event too large for Prefect's parameters together with its neighbors. */
  readonly padding: string;
}

export interface WorkloadEvent {
  readonly data: EventData;
  /** The first is named by the type of the event. */
  readonly routes: readonly [RouteName, ...RouteName[]];
}

/** CloudEvents' attribute `type`. */
export function eventTypeFor(route: RouteName): string {
  return `chaos.${route}`;
}

export function keyOf({ installation, id }: Pick<EventData, 'installation' | 'id'>): EventKey {
  return `${installation}/${id}`;
}

export function isPoison({ data }: WorkloadEvent): boolean {
  return data.amount === 'poison';
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export function toCloudEvent({ data, routes: [route] }: WorkloadEvent): string {
  return JSON.stringify({
    specversion: '1.0',
    id: data.id,
    source: '/chaos',
    type: eventTypeFor(route),
    datacontenttype: 'application/json',
    data,
  });
}

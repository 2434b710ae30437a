/** Match an event against the routes of its source. */
import { acceptedAtEpochMsOf, type Event } from '../event/event.ts';
import type { Redriven, Rejection } from '../event/record.ts';
import type { ArrivedEvent, RoutedRecord } from './routed-record.ts';
import { matchEvent, type Route } from './route.ts';

/** A route that is not deployed any more; events that were accepted before it was removed are still owed to it. */
export interface RemovedRoute {
  readonly route: Route;
  readonly removedAtEpochMs: number;
}

export interface RouteMatches {
  /** One for each route that wants the event. */
  readonly routed: readonly RoutedRecord[];
  /** One for each route that the event is meant for and cannot be sent to. */
  readonly rejected: readonly { readonly route: string; readonly rejection: Rejection }[];
  /** Deployed routes whose filter is not true of the event. */
  readonly unmatched: readonly Route[];
}

/** Match one event. Routes are independent: it may be wanted by one, rejected by another, and unknown to a third. */
export function matchRoutes(
  arrived: ArrivedEvent,
  routes: readonly Route[],
  removedRoutes: readonly RemovedRoute[],
): RouteMatches {
  const { record, event } = arrived;
  const routed: RoutedRecord[] = [];
  const rejected: { route: string; rejection: Rejection }[] = [];
  const unmatched: Route[] = [];
  for (const route of routes) {
    if (!concerns(record.redriven, route, event)) continue;
    const match = matchEvent(route, event);
    if (match.kind === 'matched') routed.push({ ...arrived, ...match.routed, ...deliveryOf(arrived), route });
    else if (match.kind === 'rejected') {
      rejected.push({ route: route.config.name, rejection: match.rejection });
    } else unmatched.push(route);
  }
  for (const { route, removedAtEpochMs } of removedRoutes) {
    const acceptedAtEpochMs = acceptedAtEpochMsOf(event.origin);
    if (acceptedAtEpochMs === null || acceptedAtEpochMs >= removedAtEpochMs) continue;
    if (!concerns(record.redriven, route, event) || matchEvent(route, event).kind === 'unmatched') continue;
    // A renamed route is another route that starts the same deployment.
    if (routed.some((each) => startsSameDeployment(each.route, route))) continue;
    rejected.push({ route: route.config.name, rejection: routeRemoved(route) });
  }
  return { routed, rejected, unmatched };
}

function deliveryOf({ record }: ArrivedEvent) {
  const { recordId, deliveryCount, orderGroup, redriven } = record;
  return {
    origin: recordId,
    deliveryCount,
    repeats: [],
    ...(orderGroup !== undefined && { inOrder: true }),
    ...(redriven && { deadBatchIds: redriven.batchId === null ? [] : [redriven.batchId] }),
  };
}

/** A redriven record concerns only what its dead letter names: the rest of it was settled when it was delivered first. */
function concerns(redriven: Redriven | undefined, { config }: Route, { id }: Event): boolean {
  if (redriven === undefined) return true;
  const { eventId, route: routeName } = redriven;
  return (eventId === null || eventId === id) && (routeName === null || routeName === config.name);
}

function startsSameDeployment({ config: { run: one } }: Route, { config: { run: other } }: Route): boolean {
  return one.flow === other.flow && one.deployment === other.deployment;
}

function routeRemoved({ config: { name } }: Route): Rejection {
  return {
    code: 'route-removed',
    detail:
      `route ${name} wanted the event when it was accepted, and is not deployed any more; deploy the route again ` +
      'and redrive, or delete the dead letter',
  };
}

/** The answer to events that are stored: their ids, and what they became where the request waited for it. */
import type { AcceptedEvent } from '../../lib/ingest.ts';
import type { RequestStatus } from '../../lib/flow-run-status/status.ts';
import type { HttpResponse } from './http-response.ts';

export function acceptedResponse(
  events: readonly AcceptedEvent[],
  progress: RequestStatus | null,
): HttpResponse {
  if (progress === null) return jsonResponse(202, 'accepted', events);
  const followed = events.map((event, index) => ({ ...event, routes: progress.events[index] ?? [] }));
  return jsonResponse(...statusOf(progress), followed);
}

/** For senders that take 202, or a body, for a failure. */
export function emptyResponse(events: readonly AcceptedEvent[]): HttpResponse {
  return { status: 200, code: 'accepted', acceptedEvents: events.length, result: { statusCode: 200 } };
}

/** 200: no route wants any of the events, so that nothing is owed. 201: every flow run is there. */
function statusOf({ events }: RequestStatus): readonly [status: number, code: string] {
  const routes = events.flat();
  if (routes.length === 0) return [200, 'no-route-matched'];
  return routes.every(({ state }) => state === 'created') ? [201, 'created'] : [202, 'accepted'];
}

function jsonResponse(status: number, code: string, events: readonly AcceptedEvent[]): HttpResponse {
  return {
    status,
    code,
    acceptedEvents: events.length,
    result: {
      statusCode: status,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    },
  };
}

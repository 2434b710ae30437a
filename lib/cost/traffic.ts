/** The load that an estimate is for, and what follows from it for each source and route. */
import { isWindowing, type CompiledCoalescing } from '../compiled-config/compiled-coalescing.ts';
import type { CompiledConfig, CompiledRoute, CompiledSource } from '../compiled-config/compiled.ts';
import { DAYS_PER_MONTH } from './prices.ts';
import { longestIntervalSeconds } from '../windows/closing-times.ts';

export interface Traffic {
  /** By source. A source that is not named has none. */
  readonly sources: Readonly<Record<string, SourceTraffic>>;
  /** By route: the share of the events of its sources that match it. A route that is not named takes all. */
  readonly matchingShares: Readonly<Record<string, number>>;
  /** Null: as many as the caps and the batches of the source allow, with one key. */
  readonly eventsPerRun: number | null;
}

export interface SourceTraffic {
  readonly eventsPerDay: number;
  readonly eventBytes: number;
}

export interface SourceLoad {
  readonly source: CompiledSource;
  readonly eventBytes: number;
  readonly eventsPerSecond: number;
  readonly eventsPerMonth: number;
  readonly eventsPerInvocation: number;
  readonly invocationsPerMonth: number;
  readonly routes: readonly RouteLoad[];
}

/** The events of one source on one route. */
export interface RouteLoad {
  readonly route: CompiledRoute;
  readonly eventsPerMonth: number;
  /** Of a route with windows: after the flush. */
  readonly eventsPerRun: number;
  readonly runsPerMonth: number;
  /** Events that are claimed and recorded together. */
  readonly eventsPerBatch: number;
  readonly batchesPerMonth: number;
  /** How many runs an event is in: more than one with sliding windows. */
  readonly runsPerEvent: number;
}

/** Lambda starts five pollers for a queue, and messages are spread over them. */
const POLLERS_OF_A_QUEUE = 5;
/** Assumed where Lambda gathers nothing: messages that have arrived while the last poll was answered. */
const SECONDS_BETWEEN_POLLS = 0.1;
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, "Invocation payload" */
const MAX_INVOCATION_BYTES = 6 * 1024 * 1024;
/** Records of Kafka are in Base64. */
const BASE64_SHARE = 4 / 3;

export const SECONDS_PER_DAY = 86_400;

export function sourceLoads(config: CompiledConfig, traffic: Traffic): readonly SourceLoad[] {
  return Object.values(config.sources).map((source) => {
    const { eventsPerDay = 0, eventBytes = 0 } = traffic.sources[source.name] ?? {};
    const eventsPerMonth = eventsPerDay * DAYS_PER_MONTH;
    const eventsPerSecond = eventsPerDay / SECONDS_PER_DAY;
    const eventsPerInvocation = gathered(source, { eventsPerSecond, eventBytes });
    const inInvocation = { eventsPerSecond, eventBytes, eventsPerInvocation };
    return {
      source,
      eventBytes,
      eventsPerSecond,
      eventsPerMonth,
      eventsPerInvocation,
      invocationsPerMonth: eventsPerMonth / eventsPerInvocation,
      routes: config.routes
        .filter(({ from }) => from.includes(source.name))
        .map((route) => routeLoad(route, { ...inInvocation, eventsPerMonth }, traffic)),
    };
  });
}

/** How many events an invocation gets: as many as arrive within the batch window, up to the limits. */
function gathered(
  source: CompiledSource,
  { eventsPerSecond, eventBytes }: { readonly eventsPerSecond: number; readonly eventBytes: number },
): number {
  const isKafka = source.type === 'kafka';
  const { batchSize, batchWindowSeconds } = isKafka ? source : source.queue;
  const pollers = isKafka ? source.topics.length : POLLERS_OF_A_QUEUE;
  const bytesInInvocation = Math.max(1, eventBytes) * (isKafka ? BASE64_SHARE : 1);
  const arriving = (eventsPerSecond * Math.max(batchWindowSeconds, SECONDS_BETWEEN_POLLS)) / pollers;
  return Math.max(1, Math.min(batchSize, Math.floor(MAX_INVOCATION_BYTES / bytesInInvocation), arriving));
}

interface EventsOfSource {
  readonly eventsPerSecond: number;
  readonly eventsPerMonth: number;
  readonly eventsPerInvocation: number;
  readonly eventBytes: number;
}

function routeLoad(route: CompiledRoute, events: EventsOfSource, traffic: Traffic): RouteLoad {
  const share = traffic.matchingShares[route.name] ?? 1;
  const eventsPerMonth = events.eventsPerMonth * share;
  const perInvocation = Math.max(1, events.eventsPerInvocation * share);
  const eventsPerBatch = cap(perInvocation, route.coalesce, events.eventBytes, traffic.eventsPerRun);
  const inWindow = eventsInWindow(route.coalesce, events.eventsPerSecond * share);
  const eventsPerRun =
    inWindow === null
      ? eventsPerBatch
      : cap(Math.max(1, inWindow), route.coalesce, events.eventBytes, traffic.eventsPerRun);
  const runsPerEvent =
    route.coalesce.mode === 'sliding' ? route.coalesce.sizeSeconds / route.coalesce.everySeconds : 1;
  return {
    route,
    eventsPerMonth,
    eventsPerRun,
    runsPerMonth: (eventsPerMonth * runsPerEvent) / eventsPerRun,
    eventsPerBatch,
    batchesPerMonth: eventsPerMonth / eventsPerBatch,
    runsPerEvent,
  };
}

function cap(
  events: number,
  coalesce: CompiledCoalescing,
  eventBytes: number,
  eventsPerRun: number | null,
): number {
  if (coalesce.mode === 'none') return 1;
  const byBytes = Math.max(1, Math.floor(coalesce.maxBytes / Math.max(1, eventBytes)));
  const wanted = eventsPerRun ?? Number.POSITIVE_INFINITY;
  const most = Math.min(events, coalesce.maxEvents, byBytes, wanted);
  // Batches of one invocation are equal in size: 250 events with a cap of 100 are three runs.
  return eventsPerRun === null ? events / Math.ceil(events / most) : most;
}

/** Null where events do not wait for others. */
function eventsInWindow(coalesce: CompiledCoalescing, eventsPerSecond: number): number | null {
  switch (coalesce.mode) {
    case 'none':
    case 'invocation':
      return null;
    case 'window':
    case 'debounce':
      return eventsPerSecond * coalesce.maxWaitSeconds;
    case 'sliding':
      return eventsPerSecond * coalesce.sizeSeconds;
    case 'clock':
      return eventsPerSecond * longestIntervalSeconds(coalesce.closings);
  }
}

export function hasWindows({ routes }: CompiledConfig): boolean {
  return routes.some(({ coalesce }) => isWindowing(coalesce));
}

/** A retired source has no endpoint any more. */
export function isServed({ source }: { readonly source: CompiledSource }): boolean {
  return source.type === 'http' && source.retired !== true;
}

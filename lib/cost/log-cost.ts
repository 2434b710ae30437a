/** What the logs cost: lines about events and requests, lines that every invocation writes, and their storage. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { CompiledConfig, CompiledLogs } from '../compiled-config/compiled.ts';
import { gigabytesText, type CostItem } from './cost-item.ts';
import {
  ACCESS_LINE_BYTES,
  METRICS_LINE_BYTES,
  OUTCOME_LINE_BYTES,
  PLATFORM_LINES_BYTES,
  REQUEST_LINE_BYTES,
  ROUTE_METRICS_LINE_BYTES,
  STORED_LOG_SHARE,
  WINDOW_LINE_BYTES,
} from './measured.ts';
import { BYTES_PER_GB, PRICES, tieredPrice } from './prices.ts';
import { isServed, type SourceLoad } from './traffic.ts';

/** The default of the option logRetentionDays, in months. */
const RETENTION_MONTHS = 1;

export function logCost({ logs }: CompiledConfig, loads: readonly SourceLoad[]): readonly CostItem[] {
  const events = sum(loads, (load) => outcomeLines(load, logs) * OUTCOME_LINE_BYTES) / BYTES_PER_GB;
  const others = sum(loads, (load) => otherBytes(load, logs)) / BYTES_PER_GB;
  const { perLambdaLogGbTiers: tiers, perStoredLogGbMonth } = PRICES.cloudWatch;
  const together = tieredPrice(events + others, tiers);
  const ofEvents = events === 0 ? 0 : (together * events) / (events + others);
  const stored = (events + others) * STORED_LOG_SHARE * RETENTION_MONTHS;
  const item = (name: string, loadDollars: number, gigabytes: number): CostItem => ({
    service: 'CloudWatch',
    item: name,
    idleDollars: 0,
    loadDollars,
    basis: gigabytesText(gigabytes),
  });
  return [
    item('log lines of events', ofEvents, events),
    item('other log lines', together - ofEvents, others),
    item('stored logs', stored * perStoredLogGbMonth, stored),
  ];
}

/** The share of uneventful events that have a line. */
function loggedShare({ level, outcomes }: CompiledLogs): number {
  if (level === 'WARN' || level === 'ERROR') return 0;
  switch (outcomes.kind) {
    case 'all':
      return 1;
    case 'exceptions':
      return 0;
    case 'sampled':
      return outcomes.share;
  }
}

/** A line for each event on each route. An event that waits in a window always has its line. */
function outcomeLines({ routes, eventsPerMonth }: SourceLoad, logs: CompiledLogs): number {
  const isInfo = logs.level === 'INFO' || logs.level === 'DEBUG';
  const onRoutes = sum(routes, ({ route, eventsPerMonth: matching }) =>
    isWindowing(route.coalesce) ? (isInfo ? matching : 0) : matching * loggedShare(logs),
  );
  const unmatched = Math.max(0, eventsPerMonth - sum(routes, (route) => route.eventsPerMonth));
  return onRoutes + unmatched * loggedShare(logs);
}

function otherBytes(load: SourceLoad, logs: CompiledLogs): number {
  const { eventsPerMonth, invocationsPerMonth, routes } = load;
  const perInvocation = PLATFORM_LINES_BYTES + METRICS_LINE_BYTES + ROUTE_METRICS_LINE_BYTES * routes.length;
  const perRequest = isServed(load)
    ? REQUEST_LINE_BYTES * loggedShare(logs) + ACCESS_LINE_BYTES + PLATFORM_LINES_BYTES + METRICS_LINE_BYTES
    : 0;
  const windows = sum(routes, ({ route, runsPerMonth }) => (isWindowing(route.coalesce) ? runsPerMonth : 0));
  const perWindow = WINDOW_LINE_BYTES + PLATFORM_LINES_BYTES + METRICS_LINE_BYTES + ROUTE_METRICS_LINE_BYTES;
  return invocationsPerMonth * perInvocation + eventsPerMonth * perRequest + windows * perWindow;
}

function sum<Each>(all: readonly Each[], valueOf: (each: Each) => number): number {
  return all.reduce((total, each) => total + valueOf(each), 0);
}

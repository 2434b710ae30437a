/** What alarms, metrics and dashboards cost. CloudWatch charges an alarm for each metric that it evaluates. */
import { isWindowing } from '../compiled-config/compiled-coalescing.ts';
import type { CompiledConfig, CompiledSource } from '../compiled-config/compiled.ts';
import { countText, type CostItem } from './cost-item.ts';
import { PRICES } from './prices.ts';
import { hasWindows, isServed, type SourceLoad } from './traffic.ts';

export interface MonitoringOptions {
  /** As the options of the app. */
  readonly alarms: boolean;
  readonly dashboard: boolean;
}

export function monitoringCost(
  config: CompiledConfig,
  loads: readonly SourceLoad[],
  { alarms, dashboard }: MonitoringOptions,
): readonly CostItem[] {
  const { perAlarmMetricMonth, perMetricMonth, perDashboardMonth } = PRICES.cloudWatch;
  const alarmMetrics = countAlarmMetrics(config);
  const metrics = countMetrics(loads);
  const dashboards = countDashboards(config);
  return [
    {
      service: 'CloudWatch',
      item: 'metrics',
      idleDollars: 0,
      loadDollars: metrics * perMetricMonth,
      basis: `${countText(metrics)} metrics, by source, route and outcome`,
    },
    ...(alarms
      ? [
          constant(
            'alarms',
            alarmMetrics * perAlarmMetricMonth,
            `${countText(alarmMetrics)} metrics in alarms`,
          ),
        ]
      : []),
    ...(dashboard
      ? [
          constant(
            'dashboards',
            dashboards * perDashboardMonth,
            `${countText(dashboards)}, one for each stack`,
          ),
        ]
      : []),
  ];
}

function constant(item: string, dollars: number, basis: string): CostItem {
  return { service: 'CloudWatch', item, idleDollars: dollars, loadDollars: dollars, basis };
}

/** test/infra/alarm-cost.test.ts compares this with templates. */
export function countAlarmMetrics(config: CompiledConfig): number {
  const sources = Object.values(config.sources);
  const flusher = hasWindows(config);
  const functions = sources.reduce((sum, source) => sum + functionsOf(source), 0) + 1;
  const ofSources = sources.reduce((sum, source) => sum + alarmMetricsOf(source), 0);
  const ofEndpoint = sources.some((source) => isServed({ source })) ? 1 : 0;
  const ofReconciler = 3;
  // Dead letters, retries, errors, age.
  const ofWindows = flusher ? 4 : 0;
  const throttles = functions + (flusher ? 1 : 0);
  const recursion = functions;
  const ofRoutes = config.routes.reduce(
    (sum, { from, expectWithinSeconds }) => sum + (expectWithinSeconds === undefined ? 0 : from.length),
    0,
  );
  return ofRoutes + ofSources + ofEndpoint + ofReconciler + ofWindows + throttles + recursion;
}

function alarmMetricsOf(source: CompiledSource): number {
  const deadLetters = 1;
  const retrying = 1;
  const errors = functionsOf(source);
  const filtered = 2;
  const refused = isServed({ source }) ? 2 : 0;
  const silence = source.expectEventsEverySeconds === undefined ? 0 : 1;
  return deadLetters + retrying + errors + filtered + refused + silence + backlogMetricsOf(source);
}

/** The age of the oldest message, or the lag and whether topics are polled. */
function backlogMetricsOf(source: CompiledSource): number {
  if (source.type !== 'kafka') return 1;
  return 1 + (source.provisioned === null ? 1 : source.topics.length);
}

function functionsOf(source: CompiledSource): number {
  return isServed({ source }) ? 2 : 1;
}

/** A metric costs nothing in hours in which it is not counted, so that an idle source has none. */
function countMetrics(loads: readonly SourceLoad[]): number {
  const active = loads.filter(({ eventsPerMonth }) => eventsPerMonth > 0);
  const ofSources = active.reduce((sum, load) => {
    const matching = load.routes.filter(({ eventsPerMonth }) => eventsPerMonth > 0);
    const kinds = new Set(matching.map(({ route }) => isWindowing(route.coalesce)));
    const filtering = load.routes.filter(({ route }) => route.when !== null);
    // EventsAccepted, RequestsUnauthorized; EventsFiltered, EventsRouted; created or held, by source and by route;
    // EventsFiltered by route.
    return sum + (isServed(load) ? 2 : 0) + 2 + kinds.size + matching.length + filtering.length;
  }, 0);
  const windowed = new Set(
    active.flatMap(({ routes }) =>
      routes.filter(({ route }) => isWindowing(route.coalesce)).map(({ route }) => route.name),
    ),
  );
  // WindowsFlushed, EventsCreated, and that by route.
  return ofSources + (windowed.size > 0 ? 2 + windowed.size : 0);
}

function countDashboards({ sources }: CompiledConfig): number {
  return 1 + new Set(Object.values(sources).flatMap(({ group }) => group ?? [])).size;
}

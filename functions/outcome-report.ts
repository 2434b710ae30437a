/** Reports the outcomes of the events of an invocation: log lines as `logs.outcomes` says, and counts of all of them. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import { EXPECTED_ROUTE_METRIC, expectedRoutesOf } from '../lib/compiled-config/expected-routes.ts';
import type { CompiledOutcomeLogs } from '../lib/compiled-config/compiled.ts';
import type { EventOutcome, Outcome } from '../lib/outcome.ts';
import type { Pipeline } from '../lib/pipeline.ts';
import { OutcomeLogFilter } from './outcome-log-filter.ts';

export interface OutcomeReportOptions {
  readonly sourceName: string;
  /** Which events have a log line. */
  readonly outcomeLogs: CompiledOutcomeLogs;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Routes whose events are counted whatever becomes of them, for an alarm. Default: none. */
  readonly expectedRoutes?: ReadonlySet<string>;
  /** Default: standard output, which Lambda takes line by line. */
  readonly write?: (lines: string) => void;
}

const LEVEL = {
  'created': 'INFO',
  'duplicate': 'INFO',
  'filtered': 'INFO',
  'held': 'INFO',
  'retry': 'WARN',
  'dead-lettered': 'WARN',
} as const satisfies Record<Outcome['kind'], 'INFO' | 'WARN'>;

const METRIC_NAME = {
  'created': 'EventsCreated',
  'duplicate': 'EventsDuplicate',
  'filtered': 'EventsFiltered',
  'held': 'EventsHeld',
  'retry': 'EventsRetried',
  'dead-lettered': 'EventsDeadLettered',
} as const satisfies Record<Outcome['kind'], string>;

/** Make the report of a pipeline's source, as the configuration has it. */
export function outcomeReportOf(
  { source, config }: Pick<Pipeline, 'source' | 'config'>,
  { logger, metrics }: Pick<OutcomeReportOptions, 'logger' | 'metrics'>,
): OutcomeReport {
  return new OutcomeReport({
    sourceName: source.name,
    outcomeLogs: config.logs.outcomes,
    expectedRoutes: expectedRoutesOf(config),
    logger,
    metrics,
  });
}

export class OutcomeReport {
  readonly #sourceName: string;
  readonly #expectedRoutes: ReadonlySet<string>;
  readonly #filter: OutcomeLogFilter;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #write: (lines: string) => void;

  constructor(options: OutcomeReportOptions) {
    this.#sourceName = options.sourceName;
    this.#expectedRoutes = options.expectedRoutes ?? new Set();
    this.#filter = new OutcomeLogFilter(options.outcomeLogs);
    this.#logger = options.logger;
    this.#metrics = options.metrics;
    this.#write = options.write ?? ((lines) => process.stdout.write(lines));
  }

  /** `filteredByRoute` counts events that the filter of a route left out, also where another route took them. */
  report(
    outcomes: readonly EventOutcome[],
    requestId: string,
    filteredByRoute: ReadonlyMap<string, number> = new Map(),
  ): void {
    this.#count(outcomes);
    for (const [route, count] of filteredByRoute) {
      countOnRoute(this.#metrics, route, METRIC_NAME.filtered, count);
    }
    const common = {
      timestamp: new Date().toISOString(),
      function_request_id: requestId,
      source: this.#sourceName,
    };
    const lines = outcomes.filter((each) => this.#isLogged(each)).map((each) => toLogLine(each, common));
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`);
  }

  /**
   * Count by outcome, and again by route. `EventsFiltered` and `EventsRouted` are always counted together, zeros
   * included: an alarm compares them, and a metric that is missing compares with nothing.
   */
  #count(outcomes: readonly EventOutcome[]): void {
    if (outcomes.length === 0) return;
    for (const [kind, of] of Map.groupBy(outcomes, ({ outcome }) => outcome.kind)) {
      this.#metrics.addMetric(METRIC_NAME[kind], MetricUnit.Count, of.length);
    }
    const filtered = outcomes.filter(({ outcome }) => outcome.kind === 'filtered').length;
    if (filtered === 0) this.#metrics.addMetric(METRIC_NAME.filtered, MetricUnit.Count, 0);
    this.#metrics.addMetric('EventsRouted', MetricUnit.Count, outcomes.length - filtered);
    for (const [route, of] of Map.groupBy(outcomes, ({ outcome }) => routeOf(outcome))) {
      if (route !== null) this.#countOnRoute(route, of);
    }
  }

  #countOnRoute(route: string, outcomes: readonly EventOutcome[]): void {
    if (this.#expectedRoutes.has(route)) {
      const arrived = outcomes.filter(({ outcome }) => outcome.kind !== 'retry').length;
      countOnRoute(this.#metrics, route, EXPECTED_ROUTE_METRIC, arrived);
    }
    for (const [kind, of] of Map.groupBy(outcomes, ({ outcome }) => outcome.kind)) {
      countOnRoute(this.#metrics, route, METRIC_NAME[kind], of.length);
    }
  }

  #isLogged({ record, event, outcome }: EventOutcome): boolean {
    const threshold = this.#logger.getLevelName();
    const isHighEnough =
      threshold === 'TRACE' ||
      threshold === 'DEBUG' ||
      threshold === 'INFO' ||
      threshold === LEVEL[outcome.kind];
    return isHighEnough && this.#filter.isLogged(outcome, event?.id ?? record.recordId);
  }
}

/** Count with the dimension `route` besides the default ones. */
export function countOnRoute(metrics: Metrics, route: string, name: string, count: number): void {
  const counted = metrics.singleMetric();
  counted.addDimension('route', route);
  counted.addMetric(name, MetricUnit.Count, count);
}

/** `null` if no route was reached. */
function routeOf(outcome: Outcome): string | null {
  return 'route' in outcome ? (outcome.route ?? null) : null;
}

interface CommonFields {
  readonly timestamp: string;
  readonly function_request_id: string;
  readonly source: string;
}

/**
 * Print a line in the format of the logger, without the data of the event but for what a filter saw that is not true of
 * it. Writing a thousand lines through the logger
 * takes a quarter of the CPU time of an invocation; these lines are one write.
 */
function toLogLine({ record, event, claimKey, outcome }: EventOutcome, common: CommonFields): string {
  const { kind, ...facts } = outcome;
  return JSON.stringify({
    level: LEVEL[kind],
    message: 'event',
    ...common,
    outcome: kind,
    recordId: record.recordId,
    eventId: event?.id ?? null,
    ...(claimKey !== undefined && { claim: claimKey }),
    ...facts,
    ...(outcome.kind === 'filtered' && outcome.unmet !== undefined && { unmet: outcome.unmet }),
  });
}

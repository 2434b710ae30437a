/** Reports the result of every window of an invocation: a log line each, and counts of windows and events. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit, type Metrics } from '@aws-lambda-powertools/metrics';
import type { Settlement } from '../lib/protocol/settlement.ts';
import type { FlushReport } from '../lib/executor/flush-windows.ts';
import { countOnRoute } from './outcome-report.ts';
import { windowIdOf } from '../lib/windows/window.ts';

const EVENT_METRIC = {
  'created': 'EventsCreated',
  'duplicate': 'EventsDuplicate',
  'held': 'EventsHeld',
  'dead-lettered': 'EventsDeadLettered',
  'retry': 'EventsRetried',
} as const satisfies Record<Settlement['kind'], string>;

export class FlushReportWriter {
  readonly #logger: Logger;
  readonly #metrics: Metrics;

  constructor(logger: Logger, metrics: Metrics) {
    this.#logger = logger;
    this.#metrics = metrics;
  }

  write(reports: readonly FlushReport[]): void {
    for (const { request, result } of reports) {
      const settlements = 'settlements' in result ? [...(result.settlements ?? []).values()] : [];
      const facts = {
        windowId: windowIdOf(request.ref),
        result: result.kind,
        events: countByKind(settlements),
        flowRunIds: [
          ...new Set(settlements.flatMap((each) => ('flowRunId' in each ? [each.flowRunId] : []))),
        ],
        ...('detail' in result ? { detail: result.detail } : {}),
      };
      if (result.kind === 'retry') this.#logger.warn('window', facts);
      else this.#logger.info('window', facts);
      if (result.kind === 'flushed') this.#metrics.addMetric('WindowsFlushed', MetricUnit.Count, 1);
      for (const { kind } of settlements) this.#metrics.addMetric(EVENT_METRIC[kind], MetricUnit.Count, 1);
      for (const [kind, of] of Map.groupBy(settlements, (each) => each.kind)) {
        countOnRoute(this.#metrics, request.ref.series.route, EVENT_METRIC[kind], of.length);
      }
    }
  }
}

function countByKind(settlements: readonly Settlement[]): Readonly<Record<string, number>> {
  const byKind = Map.groupBy(settlements, ({ kind }) => kind);
  return Object.fromEntries([...byKind].map(([kind, of]) => [kind, of.length]));
}

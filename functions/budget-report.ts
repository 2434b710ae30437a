/** Reports how Prefect is protected: requests and holds as metrics, the breaker as log lines as well. */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { BudgetChange } from '../lib/budget/request-budget.ts';
import type { HeldBy } from '../lib/ports.ts';
import type { Telemetry } from './compose-telemetry.ts';

const HELD_METRIC = {
  budget: 'RequestsHeldByBudget',
  prefect: 'RequestsHeldByPrefect',
  breaker: 'RequestsHeldByBreaker',
} as const satisfies Record<HeldBy, string>;

export class BudgetReport {
  readonly #telemetry: Telemetry;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** `status` is 0 when there was no response. */
  countResponse(status: number): void {
    this.#count('PrefectRequests');
    if (status === 429) this.#count('PrefectRequestsLimited');
    else if (status === 0 || status === 401 || status === 403 || status >= 500) {
      this.#count('PrefectRequestsFailed');
    }
  }

  report(change: BudgetChange): void {
    const { logger } = this.#telemetry;
    switch (change.kind) {
      case 'held':
        this.#count(change.isEnforced ? HELD_METRIC[change.by] : `${HELD_METRIC[change.by]}Observed`);
        return;
      case 'breaker-opened':
        this.#count('BreakerOpen');
        logger.error('Prefect is not available: no function sends it requests, and events wait', {
          ...change,
        });
        return;
      case 'probe-failed':
        this.#count('BreakerOpen');
        logger.warn('Prefect is still not available', { ...change });
        return;
      case 'breaker-closed':
        logger.info('Prefect is available again: the rate of requests is raised step by step', { ...change });
        return;
    }
  }

  #count(name: string): void {
    this.#telemetry.metrics.addMetric(name, MetricUnit.Count, 1);
  }
}

import { unavailableOf, withoutResponse } from '../../prefect/classify-response.ts';
import type { CountResult, FlowRunCounter } from '../../reconcile/reconcile-ports.ts';
import type { PrefectHttp } from './prefect-http.ts';

/** Counts over Prefect's REST API (3.x; verified against 3.9.1): a small answer, however large the runs are. */
export class PrefectFlowRunCounter implements FlowRunCounter {
  readonly #http: PrefectHttp;

  constructor(http: PrefectHttp) {
    this.#http = http;
  }

  countFlowRuns(idempotencyKeys: readonly string[], timeoutMs: number): Promise<CountResult> {
    return this.#count(
      '/flow_runs/count',
      { flow_runs: { idempotency_key: { any_: idempotencyKeys } } },
      timeoutMs,
    );
  }

  countDeployments(deploymentIds: readonly string[], timeoutMs: number): Promise<CountResult> {
    return this.#count('/deployments/count', { deployments: { id: { any_: deploymentIds } } }, timeoutMs);
  }

  async #count(path: string, filter: object, timeoutMs: number): Promise<CountResult> {
    const answer = await this.#http.send({ method: 'POST', path, body: JSON.stringify(filter), timeoutMs });
    if (answer.kind !== 'answered') return withoutResponse(answer);
    const { status, unverifiedBody, retryAfterMs } = answer;
    const isCount = status >= 200 && status < 300 && typeof unverifiedBody === 'number';
    return isCount
      ? { kind: 'count', count: unverifiedBody }
      : unavailableOf(status, unverifiedBody, retryAfterMs);
  }
}

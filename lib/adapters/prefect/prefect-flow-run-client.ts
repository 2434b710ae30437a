/** Flow runs over Prefect's REST API (3.x; verified against 3.9.1). */
import type {
  FlowRunRecord,
  FindFlowRunResult,
  FlowRunResult,
  FlowRunClient,
  FlowRunRequest,
} from '../../ports.ts';
import { flowRunBody, readFlowRun, type UnverifiedFlowRun } from '../../prefect/flow-run-body.ts';
import { batchIdOf } from '../../prefect/idempotency-key.ts';
import { batchRecordOf } from '../../prefect/run-label.ts';
import { failureOf, unavailableOf, withoutResponse } from '../../prefect/classify-response.ts';
import type { PrefectHttp } from './prefect-http.ts';

export class PrefectFlowRunClient implements FlowRunClient {
  readonly #http: PrefectHttp;

  constructor(http: PrefectHttp) {
    this.#http = http;
  }

  /** @throws {UnreadableRunError} */
  async createFlowRun(request: FlowRunRequest): Promise<FlowRunResult> {
    const answer = await this.#http.send({
      method: 'POST',
      path: `/deployments/${request.deploymentId}/create_flow_run`,
      body: flowRunBody(request),
      timeoutMs: request.timeoutMs,
    });
    if (answer.kind !== 'answered') return withoutResponse(answer);
    const { status, unverifiedBody, retryAfterMs } = answer;
    // 201 and 200 alike: Prefect tells a new run from an old one by comparing clocks.
    const run = isSuccess(status) ? readFlowRun(unverifiedBody) : null;
    if (run === null) return failureOf(status, unverifiedBody, retryAfterMs);
    return { kind: 'run', record: recordOf(run, request.idempotencyKey) };
  }

  /**
   * The response contains the parameters of the run as well; a filter cannot exclude them.
   * @throws {UnreadableRunError}
   */
  async findFlowRun(idempotencyKey: string, timeoutMs: number): Promise<FindFlowRunResult> {
    const answer = await this.#http.send({
      method: 'POST',
      path: '/flow_runs/filter',
      body: JSON.stringify({ flow_runs: { idempotency_key: { any_: [idempotencyKey] } }, limit: 1 }),
      timeoutMs,
    });
    if (answer.kind !== 'answered') return withoutResponse(answer);
    const { status, unverifiedBody, retryAfterMs } = answer;
    if (!isSuccess(status) || !Array.isArray(unverifiedBody)) {
      return unavailableOf(status, unverifiedBody, retryAfterMs);
    }
    if (unverifiedBody.length === 0) return { kind: 'none' };
    const run = readFlowRun(unverifiedBody[0]);
    if (run === null) return unavailableOf(status, unverifiedBody, retryAfterMs);
    return { kind: 'run', record: recordOf(run, idempotencyKey) };
  }
}

function recordOf({ flowRunId, unverifiedLabels }: UnverifiedFlowRun, idempotencyKey: string): FlowRunRecord {
  return batchRecordOf(flowRunId, unverifiedLabels, batchIdOf(idempotencyKey));
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

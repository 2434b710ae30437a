import { jsonField } from '../../json/untrusted-json.ts';
import { unavailableOf, withoutResponse } from '../../prefect/classify-response.ts';
import { idempotencyKeyOf } from '../../prefect/idempotency-key.ts';
import { batchLabelOf, batchRecordOf, routeLabelOf, UnreadableRunError } from '../../prefect/run-label.ts';
import type { FlowRunFacts, FlowRunInspector, InspectedFlowRun } from '../../trace/trace-ports.ts';
import type { PrefectHttp, PrefectResponse } from './prefect-http.ts';

/** Reads flow runs for people over Prefect's REST API (3.x; `FlowRunResponse` in prefect/server/schemas/responses.py). */
export class PrefectFlowRunInspector implements FlowRunInspector {
  readonly #http: PrefectHttp;

  constructor(http: PrefectHttp) {
    this.#http = http;
  }

  async readFlowRun(flowRunId: string, timeoutMs: number): Promise<InspectedFlowRun> {
    const path = `/flow_runs/${encodeURIComponent(flowRunId)}`;
    const answer = await this.#http.send({ method: 'GET', path, timeoutMs });
    if (answer.kind === 'answered' && answer.status === 404) return { kind: 'none' };
    return inspectedFlowRun(answer, (body) => body);
  }

  async findFlowRunOfBatch(batchId: string, timeoutMs: number): Promise<InspectedFlowRun> {
    const answer = await this.#http.send({
      method: 'POST',
      path: '/flow_runs/filter',
      body: JSON.stringify({
        flow_runs: { idempotency_key: { any_: [idempotencyKeyOf(batchId)] } },
        limit: 1,
      }),
      timeoutMs,
    });
    if (answer.kind === 'answered' && isEmptyList(answer.unverifiedBody)) return { kind: 'none' };
    return inspectedFlowRun(answer, (body) => (Array.isArray(body) ? body[0] : undefined));
  }
}

function isEmptyList(body: unknown): boolean {
  return Array.isArray(body) && body.length === 0;
}

function inspectedFlowRun(answer: PrefectResponse, runIn: (body: unknown) => unknown): InspectedFlowRun {
  if (answer.kind !== 'answered') return withoutResponse(answer);
  const { status, unverifiedBody, retryAfterMs } = answer;
  const run = status === 200 ? factsOf(runIn(unverifiedBody)) : null;
  return run === null ? unavailableOf(status, unverifiedBody, retryAfterMs) : { kind: 'run', run };
}

function factsOf(run: unknown): FlowRunFacts | null {
  const text = (name: string): string | null => textOf(jsonField(run, name));
  const state = jsonField(run, 'state');
  const flowRunId = text('id');
  const createdAt = text('created');
  if (flowRunId === null || createdAt === null) return null;
  return {
    flowRunId,
    name: text('name') ?? flowRunId,
    ...membershipOf(flowRunId, jsonField(run, 'labels'), text('idempotency_key')),
    stateType: textOf(jsonField(state, 'type')) ?? 'UNKNOWN',
    stateName: textOf(jsonField(state, 'name')) ?? 'Unknown',
    stateMessage: textOf(jsonField(state, 'message')),
    createdAt,
    startedAt: text('start_time'),
    endedAt: text('end_time'),
  };
}

type Membership = Pick<FlowRunFacts, 'batchId' | 'route' | 'members'>;

/** A run that Sluice did not create, or whose labels were changed, belongs to no batch. */
function membershipOf(flowRunId: string, labels: unknown, idempotencyKey: string | null): Membership {
  const batchId = batchLabelOf(labels);
  if (batchId === null || idempotencyKey !== idempotencyKeyOf(batchId)) return NO_MEMBERSHIP;
  try {
    return {
      batchId,
      route: routeLabelOf(labels),
      members: batchRecordOf(flowRunId, labels, batchId).members,
    };
  } catch (error) {
    if (error instanceof UnreadableRunError) return NO_MEMBERSHIP;
    throw error;
  }
}

const NO_MEMBERSHIP: Membership = { batchId: null, route: null, members: [] };

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

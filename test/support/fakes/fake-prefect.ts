/** Prefect in memory, as far as the claim protocol can tell: it passes the contract suites of the real one. */
import { randomUUID } from 'node:crypto';
import type {
  DeploymentResult,
  DeploymentDirectory,
  FindFlowRunResult,
  FlowRunResult,
  FlowRunClient,
  FlowRunRequest,
  WorkQueueDirectory,
  WorkQueueResult,
} from '../../../lib/ports.ts';
import { batchIdOf, idempotencyKeyOf } from '../../../lib/prefect/idempotency-key.ts';
import { countedSize, MAX_COUNTED_SIZE } from '../../../lib/prefect/parameters.ts';
import { batchLabelOf, batchRecordOf, routeLabelOf } from '../../../lib/prefect/run-label.ts';
import { unanswered, unavailableOf, type Failure } from '../../../lib/prefect/classify-response.ts';
import type { FlowRunFacts, FlowRunInspector, InspectedFlowRun } from '../../../lib/trace/trace-ports.ts';
import type { CountResult, FlowRunCounter } from '../../../lib/reconcile/reconcile-ports.ts';
import { parseExactJson, type ExactJson } from '../builders/exact-json.ts';
import type { StoredFlowRun } from '../parts/prefect-api.ts';

export interface FakeFlowRun extends StoredFlowRun {
  readonly idempotencyKey: string;
  readonly deploymentId: string;
}

/**
 * What happens to a create.
 * - `lost`: the run is made, the answer is lost.
 * - `late`: the answer is lost, and the run is made only when `landLateCreates` is called.
 * - a status: it is not made, and that is the answer.
 */
export type CreateFate = 'answered' | 'lost' | 'late' | { readonly status: number };

export type RefusalRule = (
  request: FlowRunRequest,
) => { readonly status: number; readonly detail: string } | null;

const TIMED_OUT = 'the request timed out';

export class FakePrefect
  implements FlowRunClient, FlowRunCounter, FlowRunInspector, DeploymentDirectory, WorkQueueDirectory
{
  /** While it is set, every request gets this status. */
  outage: { readonly status: number; readonly retryAfterMs: number | null } | null = null;
  /** Every create that was sent, whatever became of it. */
  readonly createsSent: FlowRunRequest[] = [];
  readonly #deployments = new Map<string, { readonly flow: string; readonly deployment: string }>();
  /** Of the one work pool that all deployments have. */
  readonly workQueues = new Set(['default']);
  /** Every queue that was looked for. */
  readonly workQueuesAsked: string[] = [];
  readonly #runs = new Map<string, FakeFlowRun>();
  readonly #refusalRules: RefusalRule[] = [];
  readonly #failureRules: ((request: FlowRunRequest) => 500 | 503 | null)[] = [];
  readonly #fates: CreateFate[] = [];
  readonly #lateCreates: FlowRunRequest[] = [];

  get flowRuns(): readonly FakeFlowRun[] {
    return [...this.#runs.values()];
  }

  createDeployment(flow: string, deployment: string): string {
    const deploymentId = randomUUID();
    this.#deployments.set(deploymentId, { flow, deployment });
    return deploymentId;
  }

  deleteDeployment(deploymentId: string): void {
    this.#deployments.delete(deploymentId);
  }

  /** Frees its key, as in Prefect. */
  deleteFlowRun(flowRunId: string): void {
    for (const [key, run] of this.#runs) if (run.flowRunId === flowRunId) this.#runs.delete(key);
  }

  /** Refuses what the rule answers with a status, until the function that is returned is called. */
  refuseWhen(rule: RefusalRule): () => void {
    this.#refusalRules.push(rule);
    return () => {
      this.#refusalRules.splice(this.#refusalRules.indexOf(rule), 1);
    };
  }

  /** Answers this status to every create that the rule picks: input that Prefect stumbles over. */
  failWhen(rule: (request: FlowRunRequest) => boolean, status: 500 | 503): void {
    this.#failureRules.push((request) => (rule(request) ? status : null));
  }

  /** Fates of the next creates, in order; those after them are answered. */
  planCreates(...fates: readonly CreateFate[]): void {
    this.#fates.push(...fates);
  }

  landLateCreates(): void {
    for (const request of this.#lateCreates.splice(0)) this.#create(request);
  }

  async createFlowRun(request: FlowRunRequest): Promise<FlowRunResult> {
    this.createsSent.push(request);
    if (this.outage !== null) return this.#outage(this.outage);
    for (const rule of this.#failureRules) {
      const status = rule(request);
      if (status !== null) return unavailableOf(status, undefined, null);
    }
    const fate = this.#fates.shift() ?? 'answered';
    if (typeof fate === 'object') return unavailableOf(fate.status, undefined, null);
    if (fate === 'late') {
      this.#lateCreates.push(request);
      return unanswered(TIMED_OUT);
    }
    const result = this.#create(request);
    return fate === 'lost' ? unanswered(TIMED_OUT) : result;
  }

  async findFlowRun(idempotencyKey: string): Promise<FindFlowRunResult> {
    if (this.outage !== null) return this.#outage(this.outage);
    const run = this.flowRuns.find((candidate) => candidate.idempotencyKey === idempotencyKey);
    return run === undefined ? { kind: 'none' } : this.#answer(run);
  }

  async readFlowRun(flowRunId: string): Promise<InspectedFlowRun> {
    return this.#inspect((run) => run.flowRunId === flowRunId);
  }

  async findFlowRunOfBatch(batchId: string): Promise<InspectedFlowRun> {
    return this.#inspect((run) => run.idempotencyKey === idempotencyKeyOf(batchId));
  }

  async countFlowRuns(idempotencyKeys: readonly string[]): Promise<CountResult> {
    if (this.outage !== null) return this.#outage(this.outage);
    const keys = new Set(idempotencyKeys);
    return { kind: 'count', count: this.flowRuns.filter((run) => keys.has(run.idempotencyKey)).length };
  }

  async countDeployments(deploymentIds: readonly string[]): Promise<CountResult> {
    if (this.outage !== null) return this.#outage(this.outage);
    return { kind: 'count', count: deploymentIds.filter((id) => this.#deployments.has(id)).length };
  }

  async resolveDeployment(flow: string, deployment: string): Promise<DeploymentResult> {
    if (this.outage !== null) return this.#outage(this.outage);
    for (const [deploymentId, names] of this.#deployments) {
      if (names.flow === flow && names.deployment === deployment) return { kind: 'deployment', deploymentId };
    }
    return { kind: 'not-found' };
  }

  async findWorkQueue(deploymentId: string, queue: string): Promise<WorkQueueResult> {
    this.workQueuesAsked.push(queue);
    if (this.outage !== null) return this.#outage(this.outage);
    if (!this.#deployments.has(deploymentId)) return { kind: 'deployment-gone' };
    return this.workQueues.has(queue) ? { kind: 'found' } : { kind: 'not-found', workPool: 'pool' };
  }

  #create(request: FlowRunRequest): FlowRunResult {
    const deployment = this.#deployments.get(request.deploymentId);
    if (deployment === undefined) return { kind: 'deployment-gone' };
    // Before the key is looked at: a replay of what was taken may be refused, if the schema changed since.
    const refusal = this.#refusalOf(request);
    if (refusal !== null) return refusal;
    const indexKey = JSON.stringify([deployment.flow, request.idempotencyKey]);
    const run = this.#runs.get(indexKey) ?? madeFrom(request);
    this.#runs.set(indexKey, run);
    // As Prefect does it.
    if (request.workQueue !== null) this.workQueues.add(request.workQueue);
    return this.#answer(run);
  }

  #inspect(isWanted: (run: FakeFlowRun) => boolean): InspectedFlowRun {
    if (this.outage !== null) return this.#outage(this.outage);
    const run = this.flowRuns.find(isWanted);
    return run === undefined ? { kind: 'none' } : { kind: 'run', run: factsOf(run) };
  }

  #refusalOf(request: FlowRunRequest): Failure | null {
    if (countedSize(request.parametersJson) > MAX_COUNTED_SIZE) {
      const size = countedSize(request.parametersJson).toLocaleString('en');
      return { kind: 'refused', status: 422, detail: `the parameters are ${size} bytes` };
    }
    for (const rule of this.#refusalRules) {
      const refusal = rule(request);
      if (refusal !== null) return { kind: 'refused', ...refusal };
    }
    return null;
  }

  #answer(run: FakeFlowRun): Extract<FlowRunResult, { kind: 'run' }> {
    return { kind: 'run', record: batchRecordOf(run.flowRunId, run.labels, batchIdOf(run.idempotencyKey)) };
  }

  #outage({ status, retryAfterMs }: { readonly status: number; readonly retryAfterMs: number | null }) {
    return status === 0 ? unanswered(TIMED_OUT) : unavailableOf(status, undefined, retryAfterMs);
  }
}

/** Runs of a fake are never executed, and have no times but one. */
function factsOf({
  flowRunId,
  name,
  labels,
  idempotencyKey,
  stateType,
  stateName,
  stateMessage,
}: FakeFlowRun): FlowRunFacts {
  const batchId = batchLabelOf(labels);
  return {
    flowRunId,
    name,
    batchId,
    route: routeLabelOf(labels),
    members: batchRecordOf(flowRunId, labels, batchIdOf(idempotencyKey)).members,
    stateType,
    stateName,
    stateMessage,
    createdAt: '2026-09-21T14:13:20.000Z',
    startedAt: null,
    endedAt: null,
  };
}

function madeFrom(request: FlowRunRequest): FakeFlowRun {
  const { idempotencyKey, deploymentId, name, tags, labels, parametersJson, dead } = request;
  const { workQueue, startAtEpochMs, jobVariablesJson } = request;
  return {
    flowRunId: randomUUID(),
    deploymentId,
    idempotencyKey,
    name,
    tags,
    labels,
    workQueue,
    startAtEpochMs: startAtEpochMs ?? Date.now(),
    jobVariables: jobVariablesJson === null ? {} : parseExactJson(jobVariablesJson),
    parameters: hydrated(parametersJson),
    stateType: dead === null ? 'SCHEDULED' : 'CANCELLED',
    stateName: dead?.stateName ?? 'Scheduled',
    stateMessage: dead?.message ?? null,
  };
}

/** Of Prefect's hydration only what Sluice sends: strings, and the `json` kind with a text. */
function hydrated(parametersJson: string): ExactJson {
  const parameters: Record<string, ExactJson> = {};
  for (const [name, value] of Object.entries(JSON.parse(parametersJson) as Record<string, ParameterJson>)) {
    parameters[name] = typeof value === 'string' ? value : parseExactJson(value.value);
  }
  return parameters;
}

type ParameterJson = string | { readonly __prefect_kind: 'json'; readonly value: string };

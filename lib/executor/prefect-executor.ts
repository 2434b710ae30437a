/** The effects that ask Prefect, for batches whose events are in hand. */
import { requestTimeoutMs } from '../deadline.ts';
import { runOptionsOf, type Batch } from '../batching/batch.ts';
import { runWindowOf } from '../batching/run-window.ts';
import type { Rejection } from '../event/record.ts';
import type {
  Clock,
  Deadline,
  DeploymentDirectory,
  FlowRunResult,
  FlowRunClient,
  FlowRunRequest,
  OverflowStore,
  Backoff,
  WorkQueueDirectory,
} from '../ports.ts';
import type { CreateFailureStats } from '../prefect/create-failure-stats.ts';
import { deploymentRefOfId } from '../prefect/deployment-ref.ts';
import {
  deadRunRequest,
  liveRunRequest,
  membersDigest,
  supersedingRunRequest,
  type LiveRunOptions,
} from '../prefect/flow-run-request.ts';
import { deploymentIdOf, idempotencyKeyOf } from '../prefect/idempotency-key.ts';
import { isRequestSuspect } from '../prefect/poison-detection.ts';
import type {
  CreateDeadRunEffect,
  CreateRunEffect,
  Effect,
  EffectResult,
  SupersedeBatchEffect,
} from '../protocol/effects.ts';
import { startEpochMs } from '../routing/run-option-values.ts';
import type { RoutedEvent } from '../routing/route.ts';
import { RunParameters } from './run-parameters.ts';

export type FlowRunEffect =
  | CreateRunEffect
  | CreateDeadRunEffect
  | SupersedeBatchEffect
  | Extract<Effect, { kind: 'find-run' | 'resolve-deployment' }>;

export interface FlowRunExecutor<Subject> {
  perform(subject: Subject, effect: FlowRunEffect): Promise<EffectResult>;
}

export interface BatchInHand {
  readonly batch: Batch;
}

export interface PrefectPorts {
  readonly flowRuns: FlowRunClient;
  readonly deployments: DeploymentDirectory;
  readonly workQueues: WorkQueueDirectory;
  readonly clock: Clock;
  readonly history: CreateFailureStats;
  readonly backoff: Backoff;
  /** Null when no route says `overflow: s3`. */
  readonly overflow: OverflowStore | null;
}

export interface InvocationContext {
  /** ARN of the table that keeps the claims (see `BatchScope`). */
  readonly installation: string;
  readonly configHash: string;
  readonly requestTimeoutMs: number;
  readonly deadline: Deadline;
}

const MAX_ATTEMPTS = 3;
const LONGEST_PAUSE_MS = 1_000;

type Unavailable = Extract<FlowRunResult, { kind: 'unavailable' }>;

const OUT_OF_TIME: Unavailable = {
  kind: 'unavailable',
  status: 0,
  detail: 'the invocation is out of time',
  retryAfterMs: null,
};

/** One per invocation. */
export class PrefectExecutor implements FlowRunExecutor<BatchInHand> {
  readonly #ports: PrefectPorts;
  readonly #context: InvocationContext;
  readonly #parameters: RunParameters;
  /** Set by a transient failure that concerns every request: the remaining requests are not sent. */
  #outage: Unavailable | null = null;

  constructor(ports: PrefectPorts, context: InvocationContext) {
    this.#ports = ports;
    this.#context = context;
    this.#parameters = new RunParameters(ports.overflow, context);
  }

  async perform(subject: BatchInHand, effect: FlowRunEffect): Promise<EffectResult> {
    switch (effect.kind) {
      case 'create-run':
        return { kind: 'create-run', result: await this.#createRun(subject, effect) };
      case 'create-dead-run':
        return { kind: 'create-dead-run', result: await this.#createDeadRun(subject, effect) };
      case 'supersede-batch':
        return { kind: 'supersede-batch', result: await this.#supersede(subject, effect) };
      case 'find-run': {
        const key = idempotencyKeyOf(effect.batchId);
        const find = (timeoutMs: number) => this.#ports.flowRuns.findFlowRun(key, timeoutMs);
        return { kind: 'find-run', result: await this.#inTime(find) };
      }
      case 'resolve-deployment': {
        const { flow, deployment } = subject.batch.route.config.run;
        const resolve = () => this.#ports.deployments.resolveDeployment(flow, deployment, true);
        const result = await this.#inTime(resolve);
        return {
          kind: 'resolve-deployment',
          result:
            result.kind === 'deployment'
              ? { kind: 'deployment', deploymentRef: deploymentRefOfId(result.deploymentId) }
              : result,
        };
      }
    }
  }

  async #createRun(subject: BatchInHand, { batchId, members }: CreateRunEffect): Promise<FlowRunResult> {
    // While Prefect is down nothing is rendered, nor put into S3 again by each redelivery.
    if (this.#outage !== null) return this.#outage;
    const { batch } = subject;
    const wanted = new Set(members.map(({ claimKey }) => claimKey));
    const events = batch.events.filter(({ member }) => wanted.has(member.claimKey));
    const options = await this.#options(batch, events, batchId);
    if (options.kind !== 'ready') return options;
    const parameters = await this.#parameters.make(batch, events, batchId);
    if (parameters.kind !== 'ready') return parameters;
    const { name: routeName, run } = batch.route.config;
    const { parametersJson } = parameters;
    const memberIds = events.map(({ member }) => member.memberId);
    return this.#create(requestNameOf(batchId, memberIds), (timeoutMs) =>
      liveRunRequest({
        batchId,
        routeName,
        routeTags: run.tags,
        configHash: this.#context.configHash,
        timeoutMs,
        members: memberIds,
        flushReason: batch.reason,
        window: batch.span,
        parametersJson,
        options: options.options,
      }),
    );
  }

  /** What else the run is given. Prefect creates a work queue that is not there, so it is looked for before. */
  async #options(batch: Batch, events: readonly RoutedEvent[], batchId: string): Promise<ReadyOptions> {
    const evaluated = runOptionsOf(batch.route, events, runWindowOf(batch, events));
    if (evaluated.kind === 'rejected') return refused(evaluated.rejection);
    const { start, ...options } = evaluated.value;
    const startAt = startEpochMs(start, this.#ports.clock.nowEpochMs());
    if (startAt.kind === 'rejected') return refused(startAt.rejection);
    const ready: ReadyOptions = { kind: 'ready', options: { ...options, startAtEpochMs: startAt.value } };
    const { workQueue } = options;
    if (workQueue === null) return ready;
    const deploymentId = deploymentIdOf(batchId);
    const find = (timeoutMs: number) =>
      this.#ports.workQueues.findWorkQueue(deploymentId, workQueue, timeoutMs);
    const found = await this.#inTime(find);
    if (found.kind === 'found') return ready;
    return found.kind === 'not-found' ? withoutQueue(workQueue, found.workPool) : found;
  }

  async #createDeadRun(
    { batch }: BatchInHand,
    { batchId, member, code, reason }: CreateDeadRunEffect,
  ): Promise<FlowRunResult> {
    const { name: routeName, run } = batch.route.config;
    return this.#create(requestNameOf(batchId, [member.memberId]), (timeoutMs) =>
      deadRunRequest({
        batchId,
        routeName,
        routeTags: run.tags,
        configHash: this.#context.configHash,
        timeoutMs,
        member: member.memberId,
        deadCode: code,
        detail: reason,
      }),
    );
  }

  async #supersede({ batch }: BatchInHand, { batchId }: SupersedeBatchEffect): Promise<FlowRunResult> {
    const { name: routeName, run } = batch.route.config;
    const { configHash } = this.#context;
    return this.#create(requestNameOf(batchId, []), (timeoutMs) =>
      supersedingRunRequest({ batchId, routeName, routeTags: run.tags, configHash, timeoutMs }),
    );
  }

  /**
   * Sent again a few times under its own key, which is safe, before it is left to redelivery, which takes minutes:
   * a busy server answers 503 to what it takes a moment later.
   */
  async #create(
    requestName: string,
    requestWith: (timeoutMs: number) => FlowRunRequest,
  ): Promise<FlowRunResult> {
    const { flowRuns, history, backoff } = this.#ports;
    for (let attempt = 1; ; attempt++) {
      const result = await this.#inTime((timeoutMs) => flowRuns.createFlowRun(requestWith(timeoutMs)));
      if (result.kind === 'run') history.created(requestName);
      if (result.kind !== 'unavailable' || !MAY_BE_ITS_OWN_FAULT.has(result.status)) return result;
      const isSuspect = isRequestSuspect(history.failed(requestName));
      const detail = `Prefect keeps answering ${result.status} to it and takes others`;
      if (isSuspect) return { kind: 'refused', status: result.status, detail };
      if (attempt === MAX_ATTEMPTS || (result.retryAfterMs ?? 0) > LONGEST_PAUSE_MS) return result;
      await backoff.pauseBeforeRetry(attempt);
    }
  }

  /** Asks nothing more of a Prefect that is out of reach, and nothing that cannot end inside the invocation. */
  async #inTime<Found extends { readonly kind: string }>(
    request: (timeoutMs: number) => Promise<Found | Unavailable>,
  ): Promise<Found | Unavailable> {
    if (this.#outage !== null) return this.#outage;
    const timeoutMs = requestTimeoutMs('request', this.#context.requestTimeoutMs, this.#context.deadline);
    if (timeoutMs === null) return OUT_OF_TIME;
    const result = await request(timeoutMs);
    if (isUnavailable(result) && CONCERNS_EVERY_REQUEST.has(result.status)) this.#outage = result;
    return result;
  }
}

/** Name a request in the statistics: less of a batch is another request under the same key. */
function requestNameOf(batchId: string, memberIds: readonly string[]): string {
  return `${idempotencyKeyOf(batchId)} ${membersDigest(memberIds)}`;
}

type ReadyOptions =
  | { readonly kind: 'ready'; readonly options: LiveRunOptions }
  | Extract<FlowRunResult, { kind: 'refused' | 'deployment-gone' | 'unavailable' }>;

function refused({ code, detail }: Rejection): Extract<FlowRunResult, { kind: 'refused' }> {
  return { kind: 'refused', status: 0, code, detail };
}

/** The names are the configuration's own and the operator's, so the detail may quote them. */
function withoutQueue(workQueue: string, workPool: string | null): Unavailable {
  const detail =
    workPool === null
      ? 'run.workQueue needs a deployment with a work pool'
      : `Prefect's work pool ${workPool} has no queue ${workQueue}: create it, or fix run.workQueue of the route`;
  return { kind: 'unavailable', part: 'work-queue', status: 0, detail, retryAfterMs: null };
}

/** No answer, credentials, rate limit, a proxy without a server: statuses that no single batch brings about. */
const CONCERNS_EVERY_REQUEST: ReadonlySet<number> = new Set([0, 401, 403, 429, 502, 504]);

/** Statuses that a busy database causes, and bad input as well: 409 for a race, 500 and 503 for both. */
const MAY_BE_ITS_OWN_FAULT: ReadonlySet<number> = new Set([409, 500, 503]);

function isUnavailable(result: { readonly kind: string }): result is Unavailable {
  return result.kind === 'unavailable';
}

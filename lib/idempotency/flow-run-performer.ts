/** The effects that ask Prefect, for batches whose events are in hand. */
import type { Batch } from '../batching/batch.ts';
import { parametersOf } from '../batching/batch.ts';
import type { Deadline, DeploymentDirectory, FlowRunAnswer, FlowRunClient } from '../ports.ts';
import type { CreateHistory } from '../prefect/create-history.ts';
import { deploymentRefOfId } from '../prefect/deployment-ref.ts';
import { deadRunRequest, liveRunRequest } from '../prefect/flow-run-request.ts';
import { idempotencyKeyOf } from '../prefect/idempotency-key.ts';
import { isBatchSuspect } from '../prefect/suspicion.ts';
import type { Answer, CreateDeadRunEffect, CreateRunEffect, Effect } from './effect.ts';

export type FlowRunEffect =
  CreateRunEffect | CreateDeadRunEffect | Extract<Effect, { kind: 'find-run' | 'resolve-deployment' }>;

export interface FlowRunPerformer<Subject> {
  perform(subject: Subject, effect: FlowRunEffect): Promise<Answer>;
}

export interface BatchInHand {
  readonly batch: Batch;
  /** Of its most delivered event. */
  readonly deliveryCount: number;
}

export interface PrefectPorts {
  readonly flowRuns: FlowRunClient;
  readonly deployments: DeploymentDirectory;
  readonly history: CreateHistory;
}

export interface InvocationTerms {
  readonly configHash: string;
  readonly requestTimeoutMs: number;
  readonly deadline: Deadline;
}

/** What has to be left of the invocation after a request: for the record, the dead letters and the answer. */
const RESERVE_MS = 2_000;
const SHORTEST_REQUEST_MS = 250;

type Unavailable = Extract<FlowRunAnswer, { kind: 'unavailable' }>;

const OUT_OF_TIME: Unavailable = {
  kind: 'unavailable',
  status: 0,
  detail: 'the invocation is out of time',
  retryAfterMs: null,
};

/** One per invocation. */
export class PrefectPerformer implements FlowRunPerformer<BatchInHand> {
  readonly #ports: PrefectPorts;
  readonly #terms: InvocationTerms;
  /** Set by an answer that is nobody's fault and concerns every request: the others are not even tried. */
  #outage: Unavailable | null = null;

  constructor(ports: PrefectPorts, terms: InvocationTerms) {
    this.#ports = ports;
    this.#terms = terms;
  }

  async perform(subject: BatchInHand, effect: FlowRunEffect): Promise<Answer> {
    switch (effect.kind) {
      case 'create-run':
        return { kind: 'create-run', answer: await this.#createRun(subject, effect) };
      case 'create-dead-run':
        return { kind: 'create-dead-run', answer: await this.#createDeadRun(subject, effect) };
      case 'find-run': {
        const key = idempotencyKeyOf(effect.batchId);
        const find = (timeoutMs: number) => this.#ports.flowRuns.findFlowRun(key, timeoutMs);
        return { kind: 'find-run', answer: await this.#inTime(find) };
      }
      case 'resolve-deployment': {
        const { flow, deployment } = subject.batch.route.config.run;
        const resolve = () => this.#ports.deployments.resolveDeployment(flow, deployment, true);
        const answer = await this.#inTime(resolve);
        return {
          kind: 'resolve-deployment',
          answer:
            answer.kind === 'deployment'
              ? { kind: 'deployment', deploymentRef: deploymentRefOfId(answer.deploymentId) }
              : answer,
        };
      }
    }
  }

  async #createRun(subject: BatchInHand, { batchId, members }: CreateRunEffect): Promise<FlowRunAnswer> {
    const { batch, deliveryCount } = subject;
    const wanted = new Set(members.map(({ claimKey }) => claimKey));
    const events = batch.events.filter(({ member }) => wanted.has(member.claimKey));
    const parameters =
      events.length === batch.events.length
        ? ({ kind: 'rendered', parametersJson: batch.parametersJson } as const)
        : parametersOf(batch.route, events);
    // Refused here as Prefect would refuse it: the protocol shrinks the batch until it stands.
    if (parameters.kind === 'rejected')
      return { kind: 'refused', status: 0, detail: parameters.rejection.detail };
    const { name: routeName, coalesce, run } = batch.route.config;
    const { parametersJson } = parameters;
    const { history } = this.#ports;
    const answer = await this.#inTime((timeoutMs) =>
      this.#ports.flowRuns.createFlowRun(
        liveRunRequest({
          batchId,
          routeName,
          routeTags: run.tags,
          configHash: this.#terms.configHash,
          timeoutMs,
          members: events.map(({ member }) => member.memberId),
          flushReason: coalesce.mode,
          parametersJson,
        }),
      ),
    );
    if (answer.kind === 'run') history.created(batchId);
    if (answer.kind !== 'unavailable') return answer;
    history.failed(batchId);
    const { status } = answer;
    const othersCreatedSince = history.othersCreatedSince(batchId);
    if (!isBatchSuspect({ status, deliveryCount, othersCreatedSince })) return answer;
    return { kind: 'refused', status, detail: `Prefect keeps answering ${status} to it and takes others` };
  }

  async #createDeadRun(
    { batch }: BatchInHand,
    { batchId, member, reason }: CreateDeadRunEffect,
  ): Promise<FlowRunAnswer> {
    const { name: routeName, run } = batch.route.config;
    return this.#inTime((timeoutMs) =>
      this.#ports.flowRuns.createFlowRun(
        deadRunRequest({
          batchId,
          routeName,
          routeTags: run.tags,
          configHash: this.#terms.configHash,
          timeoutMs,
          member: member.memberId,
          deadCode: 'refused-by-prefect',
          detail: reason,
        }),
      ),
    );
  }

  /** Asks nothing more of a Prefect that is out of reach, and nothing that cannot end inside the invocation. */
  async #inTime<Found extends { readonly kind: string }>(
    request: (timeoutMs: number) => Promise<Found | Unavailable>,
  ): Promise<Found | Unavailable> {
    if (this.#outage !== null) return this.#outage;
    const { requestTimeoutMs, deadline } = this.#terms;
    const timeoutMs = Math.min(requestTimeoutMs, deadline.remainingMs() - RESERVE_MS);
    if (timeoutMs < SHORTEST_REQUEST_MS) return OUT_OF_TIME;
    const answer = await request(timeoutMs);
    if (isUnavailable(answer) && CONCERNS_EVERY_REQUEST.has(answer.status)) this.#outage = answer;
    return answer;
  }
}

/** No answer, credentials, rate limit, a proxy without a server: statuses that no single batch brings about. */
const CONCERNS_EVERY_REQUEST: ReadonlySet<number> = new Set([0, 401, 403, 429, 502, 504]);

function isUnavailable(answer: { readonly kind: string }): answer is Unavailable {
  return answer.kind === 'unavailable';
}

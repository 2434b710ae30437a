/** Looks up many flow runs in Prefect with few requests and small responses, within the time of the invocation. */
import { requestTimeoutMs } from '../deadline.ts';
import { pieces } from '../map-with-concurrency.ts';
import type { Deadline, FindFlowRunResult } from '../ports.ts';
import { idempotencyKeyOf } from '../prefect/idempotency-key.ts';
import { unanswered, type Unavailable } from '../prefect/classify-response.ts';
import { UnreadableRunError } from '../prefect/run-label.ts';
import type { CountResult, FlowRunLookupPorts } from './reconcile-ports.ts';

export interface FlowRunLookupOptions {
  readonly requestTimeoutMs: number;
  readonly deadline: Deadline;
}

export interface FlowRunPresence {
  readonly present: ReadonlySet<string>;
  readonly absent: ReadonlySet<string>;
  /** Why batches are in neither set; null if all of them are in one. */
  readonly outage: Unavailable | null;
}

/** Prefect takes thousands of keys in a filter; a hundred are 7 KB. */
const KEYS_PER_COUNT = 100;

/** One per invocation: it stops asking after the first outage. */
export class FlowRunLookup {
  readonly #ports: FlowRunLookupPorts;
  readonly #options: FlowRunLookupOptions;
  readonly #deleted = new Map<string, boolean>();
  #outage: Unavailable | null = null;

  constructor(ports: FlowRunLookupPorts, options: FlowRunLookupOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /**
   * Find out which of these batches have a flow run. A count is a number, while each row of a filter holds the run's
   * parameters: a count decides about a group if all or none of its runs exist, and other groups are halved.
   */
  async existing(batchIds: readonly string[]): Promise<FlowRunPresence> {
    const present = new Set<string>();
    const absent = new Set<string>();
    const open = pieces([...new Set(batchIds)], KEYS_PER_COUNT);
    for (let group = open.shift(); group !== undefined; group = open.shift()) {
      const counted = await this.#count(group);
      if (counted.kind === 'unavailable') return { present, absent, outage: counted };
      const { count } = counted;
      if (count === 0) for (const batchId of group) absent.add(batchId);
      else if (count === group.length || group.length === 1)
        for (const batchId of group) present.add(batchId);
      else open.push(...pieces(group, Math.ceil(group.length / 2)));
    }
    return { present, absent, outage: null };
  }

  /** Find the run of a batch and read its label. Resolve with `unavailable` if the label cannot be read, too. */
  async findRun(batchId: string): Promise<FindFlowRunResult> {
    try {
      const { flowRunFinder } = this.#ports;
      return await this.#request((timeoutMs) =>
        flowRunFinder.findFlowRun(idempotencyKeyOf(batchId), timeoutMs),
      );
    } catch (error) {
      if (error instanceof UnreadableRunError) return unanswered(error.message);
      throw error;
    }
  }

  /** Return whether the deployment was deleted; null if Prefect did not respond. Asked once for each deployment. */
  async isDeploymentDeleted(deploymentId: string): Promise<boolean | null> {
    const known = this.#deleted.get(deploymentId);
    if (known !== undefined) return known;
    const counted = await this.#request((timeoutMs) =>
      this.#ports.flowRunCounter.countDeployments([deploymentId], timeoutMs),
    );
    if (counted.kind === 'unavailable') return null;
    this.#deleted.set(deploymentId, counted.count === 0);
    return counted.count === 0;
  }

  #count(batchIds: readonly string[]): Promise<CountResult> {
    const keys = batchIds.map(idempotencyKeyOf);
    return this.#request((timeoutMs) => this.#ports.flowRunCounter.countFlowRuns(keys, timeoutMs));
  }

  async #request<Answer extends { readonly kind: string }>(
    request: (timeoutMs: number) => Promise<Answer | Unavailable>,
  ): Promise<Answer | Unavailable> {
    if (this.#outage !== null) return this.#outage;
    const timeoutMs = requestTimeoutMs('lookup', this.#options.requestTimeoutMs, this.#options.deadline);
    if (timeoutMs === null) return unanswered('the invocation ran out of time');
    const result = await request(timeoutMs);
    if (isUnavailable(result)) this.#outage = result;
    return result;
  }
}

function isUnavailable(result: { readonly kind: string }): result is Unavailable {
  return result.kind === 'unavailable';
}

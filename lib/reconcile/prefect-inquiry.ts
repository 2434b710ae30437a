/** Prefect asked about many runs, with few requests and small answers, within the time of the invocation. */
import { pieces } from '../map-with-concurrency.ts';
import type { Deadline, FindFlowRunResult } from '../ports.ts';
import { idempotencyKeyOf } from '../prefect/idempotency-key.ts';
import { unanswered, type Unavailable } from '../prefect/classify-response.ts';
import { UnreadableRunError } from '../prefect/run-label.ts';
import type { CountAnswer, InquiryPorts } from './reconcile-ports.ts';

export interface InquiryTerms {
  readonly requestTimeoutMs: number;
  readonly deadline: Deadline;
}

export interface Presence {
  readonly present: ReadonlySet<string>;
  readonly absent: ReadonlySet<string>;
  /** In neither: Prefect gave no answer about them. */
  readonly indeterminate: Unavailable | null;
}

/** Prefect takes thousands of keys in a filter; a hundred are 7 KB. */
const KEYS_PER_COUNT = 100;
const RESERVE_MS = 5_000;

/** One per invocation: after an answer that is none, nothing more is asked. */
export class PrefectInquiry {
  readonly #ports: InquiryPorts;
  readonly #context: InquiryTerms;
  #outage: Unavailable | null = null;

  constructor(ports: InquiryPorts, context: InquiryTerms) {
    this.#ports = ports;
    this.#context = context;
  }

  /**
   * Which of these batches have a run. A row of a filter holds the run's parameters, a count is a number: groups of
   * which all runs are there, or none, are settled by one, others are halved.
   */
  async presenceOf(batchIds: readonly string[]): Promise<Presence> {
    const present = new Set<string>();
    const absent = new Set<string>();
    const open = pieces([...new Set(batchIds)], KEYS_PER_COUNT);
    for (let group = open.shift(); group !== undefined; group = open.shift()) {
      const result = await this.#count(group);
      if (result.kind === 'unavailable') return { present, absent, indeterminate: result };
      const { count } = result;
      if (count === 0) for (const batchId of group) absent.add(batchId);
      else if (count === group.length || group.length === 1)
        for (const batchId of group) present.add(batchId);
      else open.push(...pieces(group, Math.ceil(group.length / 2)));
    }
    return { present, absent, indeterminate: null };
  }

  /** The run of a batch with what its label says; unavailable also when the label cannot be read. */
  async findRun(batchId: string): Promise<FindFlowRunResult> {
    try {
      const { flowRunFinder } = this.#ports;
      return await this.#perform((timeoutMs) =>
        flowRunFinder.findFlowRun(idempotencyKeyOf(batchId), timeoutMs),
      );
    } catch (error) {
      if (error instanceof UnreadableRunError) return unanswered(error.message);
      throw error;
    }
  }

  #count(batchIds: readonly string[]): Promise<CountAnswer> {
    const keys = batchIds.map(idempotencyKeyOf);
    return this.#perform((timeoutMs) => this.#ports.flowRunCounter.countFlowRuns(keys, timeoutMs));
  }

  async #perform<EffectResult extends { readonly kind: string }>(
    request: (timeoutMs: number) => Promise<EffectResult | Unavailable>,
  ): Promise<EffectResult | Unavailable> {
    if (this.#outage !== null) return this.#outage;
    const timeoutMs = Math.min(
      this.#context.requestTimeoutMs,
      this.#context.deadline.remainingMs() - RESERVE_MS,
    );
    if (timeoutMs <= 0) return unanswered('the invocation ran out of time');
    const result = await request(timeoutMs);
    if (isUnavailable(result)) this.#outage = result;
    return result;
  }
}

function isUnavailable(result: { readonly kind: string }): result is Unavailable {
  return result.kind === 'unavailable';
}

/** The work queues of deployments, over Prefect's REST API. */
import { jsonField } from '../../json/untrusted-json.ts';
import type { Clock, WorkQueueDirectory, WorkQueueResult } from '../../ports.ts';
import {
  failureOf,
  unavailableOf,
  type Unavailable,
  withoutResponse,
} from '../../prefect/classify-response.ts';
import type { PrefectHttp } from './prefect-http.ts';

export interface PrefectWorkQueueDirectoryOptions {
  readonly http: PrefectHttp;
  readonly clock: Clock;
  /** How long a queue that was found is believed to be there, and the pool of a deployment to be its pool. Default: a minute. */
  readonly cacheMs?: number;
}

type PoolResult =
  | { readonly kind: 'pool'; readonly workPool: string | null }
  | { readonly kind: 'deployment-gone' }
  | Unavailable;

/** Only what was found is remembered: a queue that is missing may be created at any moment. */
export class PrefectWorkQueueDirectory implements WorkQueueDirectory {
  readonly #options: PrefectWorkQueueDirectoryOptions;
  readonly #cacheMs: number;
  readonly #foundUntilEpochMs = new Map<string, number>();
  readonly #inFlight = new Map<string, Promise<WorkQueueResult>>();

  constructor(options: PrefectWorkQueueDirectoryOptions) {
    this.#options = options;
    this.#cacheMs = options.cacheMs ?? 60_000;
  }

  async findWorkQueue(deploymentId: string, queue: string, timeoutMs: number): Promise<WorkQueueResult> {
    const key = `${deploymentId} ${queue}`;
    const nowEpochMs = this.#options.clock.nowEpochMs();
    if ((this.#foundUntilEpochMs.get(key) ?? 0) > nowEpochMs) return { kind: 'found' };
    const asked = this.#inFlight.get(key);
    if (asked !== undefined) return asked;
    const asking = this.#ask(deploymentId, queue, timeoutMs).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, asking);
    const result = await asking;
    if (result.kind === 'found') this.#foundUntilEpochMs.set(key, nowEpochMs + this.#cacheMs);
    return result;
  }

  async #ask(deploymentId: string, queue: string, timeoutMs: number): Promise<WorkQueueResult> {
    const pool = await this.#poolOf(deploymentId, timeoutMs);
    if (pool.kind !== 'pool') return pool;
    const { workPool } = pool;
    if (workPool === null) return { kind: 'not-found', workPool };
    const path = `/work_pools/${encodeURIComponent(workPool)}/queues/${encodeURIComponent(queue)}`;
    const answer = await this.#options.http.send({ method: 'GET', path, timeoutMs });
    if (answer.kind !== 'answered') return withoutResponse(answer);
    const { status, unverifiedBody, retryAfterMs } = answer;
    if (status === 200 && jsonField(unverifiedBody, 'name') === queue) return { kind: 'found' };
    const failure = failureOf(status, unverifiedBody, retryAfterMs);
    return failure.kind === 'deployment-gone'
      ? { kind: 'not-found', workPool }
      : unavailableOf(status, unverifiedBody, retryAfterMs);
  }

  async #poolOf(deploymentId: string, timeoutMs: number): Promise<PoolResult> {
    const path = `/deployments/${deploymentId}`;
    const answer = await this.#options.http.send({ method: 'GET', path, timeoutMs });
    if (answer.kind !== 'answered') return withoutResponse(answer);
    const { status, unverifiedBody, retryAfterMs } = answer;
    const workPool = jsonField(unverifiedBody, 'work_pool_name') ?? null;
    if (status === 200 && (workPool === null || typeof workPool === 'string'))
      return { kind: 'pool', workPool };
    const failure = failureOf(status, unverifiedBody, retryAfterMs);
    return failure.kind === 'deployment-gone' ? failure : unavailableOf(status, unverifiedBody, retryAfterMs);
  }
}

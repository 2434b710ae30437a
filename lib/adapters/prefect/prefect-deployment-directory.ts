/** Deployment names to ids, over Prefect's REST API. */
import type { Clock, DeploymentResult, DeploymentDirectory } from '../../ports.ts';
import { jsonField } from '../../json/untrusted-json.ts';
import { failureOf, unavailableOf, withoutResponse } from '../../prefect/classify-response.ts';
import type { PrefectHttp } from './prefect-http.ts';

export interface PrefectDeploymentDirectoryOptions {
  readonly http: PrefectHttp;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  /**
   * How long an id is believed. It survives every redeployment; a deployment that was deleted and made anew has
   * another, and Prefect answers 404 to the old one. Default: five minutes.
   */
  readonly cacheMs?: number;
}

interface CachedDeployment {
  readonly deploymentId: string;
  readonly untilEpochMs: number;
}

export class PrefectDeploymentDirectory implements DeploymentDirectory {
  readonly #options: PrefectDeploymentDirectoryOptions;
  readonly #cacheMs: number;
  readonly #cache = new Map<string, CachedDeployment>();
  readonly #inFlight = new Map<string, Promise<DeploymentResult>>();

  constructor(options: PrefectDeploymentDirectoryOptions) {
    this.#options = options;
    this.#cacheMs = options.cacheMs ?? 5 * 60_000;
  }

  async resolveDeployment(flow: string, deployment: string, fresh: boolean): Promise<DeploymentResult> {
    const path = `/deployments/name/${encodeURIComponent(flow)}/${encodeURIComponent(deployment)}`;
    const cached = fresh ? undefined : this.#cache.get(path);
    if (cached !== undefined && cached.untilEpochMs > this.#options.clock.nowEpochMs()) {
      return { kind: 'deployment', deploymentId: cached.deploymentId };
    }
    const asked = this.#inFlight.get(path);
    if (asked !== undefined) return asked;
    const asking = this.#ask(path).finally(() => this.#inFlight.delete(path));
    this.#inFlight.set(path, asking);
    return asking;
  }

  /** Only what was found is remembered: a deployment that is missing may be deployed at any moment. */
  async #ask(path: string): Promise<DeploymentResult> {
    this.#cache.delete(path);
    const answer = await this.#options.http.send({
      method: 'GET',
      path,
      timeoutMs: this.#options.requestTimeoutMs,
    });
    if (answer.kind !== 'answered') return withoutResponse(answer);
    const { status, unverifiedBody, retryAfterMs } = answer;
    const deploymentId = status === 200 ? jsonField(unverifiedBody, 'id') : undefined;
    if (typeof deploymentId === 'string') {
      const untilEpochMs = this.#options.clock.nowEpochMs() + this.#cacheMs;
      this.#cache.set(path, { deploymentId, untilEpochMs });
      return { kind: 'deployment', deploymentId };
    }
    const failure = failureOf(status, unverifiedBody, retryAfterMs);
    return failure.kind === 'deployment-gone'
      ? { kind: 'not-found' }
      : unavailableOf(status, unverifiedBody, retryAfterMs);
  }
}

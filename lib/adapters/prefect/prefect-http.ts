/** Prefect's REST API as requests and answers: base URL, credentials, time-out, JSON. */
import { parseJson } from '../../json/untrusted-json.ts';
import type { Clock, SecretSource } from '../../ports.ts';
import { authorizationOf } from '../../prefect/authorization.ts';
import { retryAfterMs } from '../../prefect/retry-after.ts';
import { observationOf, type ObservedResponse } from '../../prefect/observation.ts';
import type { Held } from '../../budget/request-budget.ts';
import type { Observation } from '../../budget/control.ts';
import { HttpClient, type HttpResult } from '../http/http-client.ts';

/** An answer holds the run's parameters, half a megabyte counted; a 422 echoes its request, which is escaped twice. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface PrefectHttpOptions {
  /** `https://prefect.example/api`, or Cloud's `…/accounts/<id>/workspaces/<id>`; no trailing slash. */
  readonly apiUrl: string;
  /** Name of the secret with the credentials; null: the server wants none. */
  readonly authSecret: string | null;
  /** Sent with every request, for example for a proxy in front of the server. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of Sluice, for `User-Agent`. */
  readonly version: string;
  readonly secrets: SecretSource;
  readonly clock: Clock;
  /** Default: every request is sent. */
  readonly gate?: PrefectGate;
  /** After each request that was sent, with its status; 0 when there was no response. */
  readonly onResponse?: (status: number) => void;
}

export interface PrefectRequest {
  readonly method: 'GET' | 'POST';
  /** Below the API URL, beginning with a slash, its parts encoded. */
  readonly path: string;
  /** JSON text. Default: no body. */
  readonly body?: string;
  /** For the whole exchange, a second try with renewed credentials included. */
  readonly timeoutMs: number;
}

export type PrefectResponse =
  | ObservedResponse
  /** It was not sent. */
  | Held;

/** Decides which requests are sent, and learns from the responses. */
export interface PrefectGate {
  admitOne(maxWaitMs: number): Promise<Held | null>;
  observe(observation: Observation): Promise<void>;
}

/** A request waits so long for its turn, at most; a longer wait is better spent in a queue. */
const LONGEST_WAIT_MS = 2_000;

export class PrefectHttp {
  readonly #options: PrefectHttpOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #http = new HttpClient();

  constructor(options: PrefectHttpOptions) {
    this.#options = options;
    this.#headers = {
      'accept': 'application/json',
      ...lowerCaseNames(options.headers),
      // Not `prefect/…`: by that name and version the server chooses how it treats its own SDK.
      'user-agent': `sluice/${options.version}`,
    };
  }

  /** @throws {PrefectSecretError}, and whatever the secret source throws. */
  async send(request: PrefectRequest): Promise<PrefectResponse> {
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(request.timeoutMs)));
    const authorization = await this.#authorization(false);
    const answer = await this.#exchange(request, authorization, signal);
    if (answer.kind !== 'answered' || answer.status !== 401) return answer;

    // The secret may have been rotated since it was read. The same secret again would only be refused again.
    const renewed = await this.#authorization(true);
    return renewed === authorization ? answer : this.#exchange(request, renewed, signal);
  }

  /** Whether Prefect takes a request that has nothing to do with any event. It is sent whatever the gate says. */
  async check(timeoutMs: number): Promise<boolean> {
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs)));
    const request: PrefectRequest = { method: 'POST', path: '/deployments/count', body: '{}', timeoutMs };
    try {
      const answer = await this.#sendOnce(request, await this.#authorization(true), signal);
      return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
    } catch {
      return false;
    }
  }

  /** Closes idle connections, so that a process can end. */
  close(): void {
    this.#http.close();
  }

  /** Every request that is sent passes the gate, one with renewed credentials as well. */
  async #exchange(
    request: PrefectRequest,
    authorization: string | null,
    signal: AbortSignal,
  ): Promise<PrefectResponse> {
    const { gate, clock } = this.#options;
    if (gate === undefined) return this.#sendOnce(request, authorization, signal);
    const held = await gate.admitOne(Math.min(LONGEST_WAIT_MS, request.timeoutMs / 2));
    if (held !== null) return held;
    const startedEpochMs = clock.nowEpochMs();
    const answer = await this.#sendOnce(request, authorization, signal);
    await gate.observe(observationOf(answer, startedEpochMs));
    return answer;
  }

  async #sendOnce(
    { method, path, body }: PrefectRequest,
    authorization: string | null,
    signal: AbortSignal,
  ): Promise<ObservedResponse> {
    // A server with CSRF protection would want `Prefect-Csrf-Token` and `Prefect-Csrf-Client` here as well.
    const headers = {
      ...this.#headers,
      ...(authorization === null ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const url = new URL(`${this.#options.apiUrl}${path}`);
    const answer = await this.#http.request({
      method,
      url,
      headers,
      body: body ?? null,
      signal,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    this.#options.onResponse?.(answer.kind === 'unanswered' ? 0 : answer.status);
    return answer.kind === 'unanswered' ? answer : this.#read(answer);
  }

  #read({ status, headers, body }: Extract<HttpResult, { kind: 'answered' }>): ObservedResponse {
    return {
      kind: 'answered',
      status,
      unverifiedBody: parseJson(body),
      retryAfterMs: retryAfterMs(headers['retry-after'], this.#options.clock.nowEpochMs()),
      isMaintenance: String(headers['prefect-maintenance']).toLowerCase() === 'true',
    };
  }

  async #authorization(refresh: boolean): Promise<string | null> {
    const { authSecret, secrets } = this.#options;
    if (authSecret === null) return null;
    const authorization = authorizationOf(await secrets.readSecret(authSecret, refresh));
    if (authorization.kind === 'unusable') throw new PrefectSecretError(authSecret, authorization.detail);
    return authorization.value;
  }
}

/** The secret with Prefect's credentials is there, but not of a shape that Sluice knows. */
export class PrefectSecretError extends Error {
  override readonly name = 'PrefectSecretError';
  readonly secretId: string;

  constructor(secretId: string, problem: string) {
    super(`the secret ${secretId} does not hold Prefect credentials: ${problem}`);
    this.secretId = secretId;
  }
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Get access tokens from an identity provider, and keep each until it expires. */
import type { Clock } from '../../ports.ts';
import {
  isFresh,
  readTokenResponse,
  tokenRequest,
  type AccessToken,
  type OauthCredentials,
  type TokenResult,
  type TokenScope,
} from '../../schema-registry/oauth-token.ts';
import type { HttpClient } from './http-client.ts';

const MAX_RESPONSE_BYTES = 64 * 1024;

export interface OauthTokenSourceOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly scope: TokenScope;
}

export class OauthTokenSource {
  readonly #options: OauthTokenSourceOptions;
  #kept: { readonly credentials: string; readonly token: AccessToken } | null = null;
  #pending: { readonly credentials: string; readonly result: Promise<TokenResult> } | null = null;

  constructor(options: OauthTokenSourceOptions) {
    this.#options = options;
  }

  /** `refresh`: the token at hand was refused. Callers at the same time share one request. */
  readToken(credentials: OauthCredentials, refresh: boolean, signal: AbortSignal): Promise<TokenResult> {
    const key = JSON.stringify(credentials);
    const kept = this.#kept;
    if (!refresh && kept?.credentials === key && isFresh(kept.token, this.#options.clock.nowEpochMs())) {
      return Promise.resolve({ kind: 'token', token: kept.token });
    }
    if (this.#pending?.credentials === key) return this.#pending.result;
    const result = this.#request(credentials, signal)
      .then((outcome) => {
        if (outcome.kind === 'token') this.#kept = { credentials: key, token: outcome.token };
        return outcome;
      })
      .finally(() => {
        this.#pending = null;
      });
    this.#pending = { credentials: key, result };
    return result;
  }

  async #request(credentials: OauthCredentials, signal: AbortSignal): Promise<TokenResult> {
    const { http, clock, scope } = this.#options;
    const { headers, body } = tokenRequest(credentials, scope);
    const response = await http.request({
      method: 'POST',
      url: new URL(credentials.tokenEndpoint),
      headers,
      body,
      signal,
      maxAnswerBytes: MAX_RESPONSE_BYTES,
    });
    if (response.kind === 'unanswered') {
      return { kind: 'refused', detail: `the identity provider did not respond: ${response.detail}` };
    }
    return readTokenResponse(response.status, response.body, clock.nowEpochMs());
  }
}

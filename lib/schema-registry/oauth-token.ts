/** Access tokens of OAuth 2.0 by client credentials (RFC 6749, section 4.4), for requests to a schema registry. */
import { isObject, isString, parseJson } from '../json/untrusted-json.ts';

export interface OauthCredentials {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What the identity provider has to be asked for, beside who asks. */
export interface TokenScope {
  readonly scope: string | null;
  readonly audience: string | null;
}

export interface AccessToken {
  readonly value: string;
  readonly expiresAtEpochMs: number;
}

export type TokenResult =
  | { readonly kind: 'token'; readonly token: AccessToken }
  /** `detail` holds nothing of the response, which may quote the request. */
  | { readonly kind: 'refused'; readonly detail: string };

/** A token is renewed before it expires, so that a request on its way is not refused. */
const RENEWAL_MS = 30_000;

/** RFC 6749 leaves it open how long a token lives if the provider does not say so; few live for less. */
const DEFAULT_LIFETIME_SECONDS = 300;

/** Id and secret travel in the header, which every provider has to accept (RFC 6749, section 2.3.1). */
export function tokenRequest(
  { clientId, clientSecret }: OauthCredentials,
  { scope, audience }: TokenScope,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const pair = [clientId, clientSecret].map(formEncoded).join(':');
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== null) form.set('scope', scope);
  if (audience !== null) form.set('audience', audience);
  return {
    headers: {
      'accept': 'application/json',
      'authorization': `Basic ${Buffer.from(pair).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
  };
}

export function readTokenResponse(status: number, body: string, nowEpochMs: number): TokenResult {
  if (status !== 200)
    return { kind: 'refused', detail: `the identity provider responded with status ${status}` };
  const response = parseJson(body);
  const value = isObject(response) ? response['access_token'] : undefined;
  // A token that could not stand in a header would end the request, and the error would quote it.
  if (!isObject(response) || !isString(value) || !/^[\x21-\x7e]{1,16384}$/.test(value)) {
    return { kind: 'refused', detail: 'the response of the identity provider has no access_token' };
  }
  const seconds = Number(response['expires_in'] ?? DEFAULT_LIFETIME_SECONDS);
  const lifetimeMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  return { kind: 'token', token: { value, expiresAtEpochMs: nowEpochMs + lifetimeMs } };
}

export function isFresh({ expiresAtEpochMs }: AccessToken, nowEpochMs: number): boolean {
  return nowEpochMs + RENEWAL_MS < expiresAtEpochMs;
}

function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length);
}

/** `Authorization` header of requests to a schema registry. */
import { isString, jsonField, parseJson } from '../json/untrusted-json.ts';
import type { OauthCredentials } from './oauth-token.ts';

export type RegistryAuthorization =
  | { readonly kind: 'header'; readonly value: string }
  /** A token of the identity provider has to be fetched first. */
  | { readonly kind: 'oauth'; readonly credentials: OauthCredentials }
  /** `detail` says what is wrong and how to fix it, without any of the secret. */
  | { readonly kind: 'unusable'; readonly detail: string };

/**
 * Read the shapes that AWS uses for the same purpose. An API key of Confluent Cloud and its secret are a user name and a
 * password; those of OAuth are the fields of https://docs.aws.amazon.com/lambda/latest/dg/kafka-cluster-auth.html.
 */
export function toRegistryAuthorization(secretText: string): RegistryAuthorization {
  const secret = parseJson(secretText);
  if (jsonField(secret, 'oauthTokenEndpointUrl') !== undefined) return toOauth(secret);
  const username = jsonField(secret, 'username');
  const password = jsonField(secret, 'password');
  if (!isString(username) || !isString(password)) {
    const detail =
      'expected {"username": "…", "password": "…"}, or {"oauthTokenEndpointUrl": "…", "oauthClientId": "…", "oauthClientSecret": "…"}';
    return { kind: 'unusable', detail };
  }
  if (username === '' || username.includes(':')) {
    return { kind: 'unusable', detail: '"username" is empty or has a colon (RFC 7617)' };
  }
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return { kind: 'header', value: `Basic ${credentials}` };
}

function toOauth(secret: unknown): RegistryAuthorization {
  const tokenEndpoint = jsonField(secret, 'oauthTokenEndpointUrl');
  const clientId = jsonField(secret, 'oauthClientId');
  const clientSecret = jsonField(secret, 'oauthClientSecret');
  if (!isString(tokenEndpoint) || !isTokenEndpoint(tokenEndpoint)) {
    return { kind: 'unusable', detail: '"oauthTokenEndpointUrl" is not an https:// URL' };
  }
  if (!isString(clientId) || clientId === '' || !isString(clientSecret) || clientSecret === '') {
    const detail =
      '"oauthClientId" or "oauthClientSecret" is missing: a registry needs the client credentials grant';
    return { kind: 'unusable', detail };
  }
  return { kind: 'oauth', credentials: { tokenEndpoint, clientId, clientSecret } };
}

/** The secret travels with the request; only on the same machine nothing can listen. */
function isTokenEndpoint(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+)$/;

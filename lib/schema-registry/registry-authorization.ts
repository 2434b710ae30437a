/** `Authorization` header of requests to a schema registry. */
import { parseJson } from '../json/untrusted-json.ts';

export type RegistryAuthorization =
  | { readonly kind: 'header'; readonly value: string }
  /** `detail` says what is wrong and how to fix it, without any of the secret. */
  | { readonly kind: 'unusable'; readonly detail: string };

/**
 * Read the shape that AWS uses for the same purpose; an API key of Confluent Cloud and its secret are a user name and a
 * password.
 */
export function toRegistryAuthorization(secretText: string): RegistryAuthorization {
  const secret = parseJson(secretText);
  const isObject = typeof secret === 'object' && secret !== null;
  const username = isObject && 'username' in secret ? secret.username : undefined;
  const password = isObject && 'password' in secret ? secret.password : undefined;
  if (typeof username !== 'string' || typeof password !== 'string') {
    return { kind: 'unusable', detail: 'expected {"username": "…", "password": "…"}' };
  }
  if (username === '' || username.includes(':')) {
    return { kind: 'unusable', detail: '"username" is empty or has a colon (RFC 7617)' };
  }
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return { kind: 'header', value: `Basic ${credentials}` };
}

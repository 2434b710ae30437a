/** The `Authorization` header that the secret of a schema registry stands for. */
import { parseJson } from '../json/untrusted-json.ts';

export type RegistryAuthorization =
  | { readonly kind: 'header'; readonly value: string }
  /** `detail` says what is wrong and the mend, and holds nothing of the secret. */
  | { readonly kind: 'unusable'; readonly detail: string };

/** The shape that AWS has for the same purpose: an API key of Confluent Cloud and its secret are such a pair. */
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

/** The `Authorization` header that a Prefect secret stands for. */
import { jsonField, parseJson } from '../json/untrusted-json.ts';

export type Authorization =
  | { readonly kind: 'header'; readonly value: string }
  /** `detail` has the problem and a suggested fix, and contains nothing of the secret. */
  | { readonly kind: 'unusable'; readonly detail: string };

const SHAPES = 'expected {"apiKey": "pnu_…"} (Prefect Cloud) or {"basic": "user:password"} (self-hosted)';

/**
 * Cloud takes `Bearer <API key>`; a self-hosted server with `PREFECT_SERVER_API_AUTH_STRING` takes `Basic`, spelt
 * exactly like this, since it compares the scheme case-sensitively.
 */
export function authorizationOf(secretText: string): Authorization {
  const secret = parseJson(secretText);
  const apiKey = jsonField(secret, 'apiKey');
  const basic = jsonField(secret, 'basic');
  if (typeof apiKey === 'string' && basic === undefined) {
    // A line break that was pasted along must not end up in a header, where it is an error without a name.
    if (/^[\x21-\x7e]+$/.test(apiKey)) return { kind: 'header', value: `Bearer ${apiKey}` };
    return {
      kind: 'unusable',
      detail: '"apiKey" is empty or holds spaces, line breaks or non-ASCII characters',
    };
  }
  if (typeof basic === 'string' && apiKey === undefined) {
    // To characters beyond ASCII the server answers 500, since it compares with `hmac.compare_digest`.
    if (/^[\x20-\x39\x3b-\x7e]+:[\x20-\x7e]*$/.test(basic)) {
      return { kind: 'header', value: `Basic ${Buffer.from(basic).toString('base64')}` };
    }
    return { kind: 'unusable', detail: '"basic" is not of the form "user:password", in printable ASCII' };
  }
  return { kind: 'unusable', detail: secret === undefined ? `it is not JSON; ${SHAPES}` : SHAPES };
}

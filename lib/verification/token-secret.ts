/**
 * The text of a secret that holds bearer tokens: one plain token, or a JSON list, so that an old and a new token
 * are both good while senders change over:
 *
 * ```json
 * [{ "id": "2026-01", "value": "…", "notAfter": "2026-02-01T00:00:00Z" }, { "id": "2026-02", "value": "…" }]
 * ```
 */

export interface Token {
  /** Names the token in logs; the value never appears there. */
  readonly id: string;
  readonly value: string;
  /** The token is good from then on (inclusive). */
  readonly notBeforeEpochMs: number;
  /** The token is good until then (exclusive). */
  readonly notAfterEpochMs: number;
}

export type TokenSecret =
  | { readonly kind: 'tokens'; readonly tokens: readonly Token[] }
  /** `detail` says what is wrong and the mend, and holds nothing of the secret. */
  | { readonly kind: 'unusable'; readonly detail: string };

/** What a client can send after `Bearer `: visible ASCII, as RFC 6750 has it, and no space. */
const TOKEN_VALUE = /^[\x21-\x7e]+$/;

/** An empty token would open the door to everybody; it is unusable, as is everything that is not understood. */
export function readTokenSecret(secretText: string): TokenSecret {
  // A line break at the end comes along when a secret is stored from a file.
  const text = secretText.trim();
  if (text === '') return unusable('it is empty');
  if (text.startsWith('[')) return readTokenList(text);
  if (text.startsWith('{')) {
    return unusable('it is a JSON object; store the plain token, or a list of {"id", "value"}');
  }
  if (!TOKEN_VALUE.test(text)) return unusable('the token holds spaces or non-ASCII characters');
  return { kind: 'tokens', tokens: [{ id: 'token', value: text, ...ALWAYS }] };
}

const ALWAYS = {
  notBeforeEpochMs: Number.NEGATIVE_INFINITY,
  notAfterEpochMs: Number.POSITIVE_INFINITY,
} as const;

function readTokenList(text: string): TokenSecret {
  const list = parseJson(text);
  if (!Array.isArray(list)) return unusable('it starts like a JSON list and is none');
  if (list.length === 0) return unusable('its list of tokens is empty');
  const tokens: Token[] = [];
  for (const [index, item] of list.entries()) {
    const token = readToken(item);
    if (typeof token === 'string') return unusable(`item ${index} of its list ${token}`);
    tokens.push(token);
  }
  return { kind: 'tokens', tokens };
}

/** The token, or what is wrong with it. */
function readToken(item: unknown): Token | string {
  if (typeof item !== 'object' || item === null) return 'is not an object with "id" and "value"';
  const fields = new Map<string, unknown>(Object.entries(item));
  const id = fields.get('id');
  const value = fields.get('value');
  if (typeof id !== 'string' || id === '') return 'has no "id"';
  if (typeof value !== 'string' || !TOKEN_VALUE.test(value)) {
    return 'has no "value" of visible ASCII characters';
  }
  const notBeforeEpochMs = readTime(fields.get('notBefore'), ALWAYS.notBeforeEpochMs);
  const notAfterEpochMs = readTime(fields.get('notAfter'), ALWAYS.notAfterEpochMs);
  if (notBeforeEpochMs === undefined || notAfterEpochMs === undefined) {
    return 'has a "notBefore" or "notAfter" that is no timestamp such as 2026-01-31T12:00:00Z';
  }
  return { id, value, notBeforeEpochMs, notAfterEpochMs };
}

function readTime(value: unknown, absent: number): number | undefined {
  if (value === undefined || value === null) return absent;
  const epochMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(detail: string): TokenSecret {
  return { kind: 'unusable', detail };
}

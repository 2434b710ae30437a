/**
 * The text of a secret: one plain value, or a JSON list, so that an old and a new value are both good while
 * senders change over:
 *
 * ```json
 * [{ "id": "2026-01", "value": "…", "notAfter": "2026-02-01T00:00:00Z" }, { "id": "2026-02", "value": "…" }]
 * ```
 */
import { parseJson } from '../json/untrusted-json.ts';

/** What the values of a secret are, and what becomes of them. */
export interface SecretKind<Key> {
  /** What one value is called in messages, and the id of a plain one in logs. */
  readonly noun: string;
  /** What a value has to be, to be read after "of". */
  readonly shape: string;
  /** Each secret costs work for every request, including unauthorized ones. */
  readonly maxSecrets: number;
  /** Null when a value is none, the empty one above all. */
  readonly keyOf: (value: string) => Key | null;
}

export interface Secret<Key> {
  /** Names the value in logs; the value itself never appears there. */
  readonly id: string;
  readonly key: Key;
  /** The value is good from then on (inclusive). */
  readonly notBeforeEpochMs: number;
  /** The value is good until then (exclusive). */
  readonly notAfterEpochMs: number;
}

export type SecretList<Key> =
  | { readonly kind: 'secrets'; readonly secrets: readonly Secret<Key>[] }
  /** `detail` has the problem and a suggested fix, and contains nothing of the secret. */
  | { readonly kind: 'unusable'; readonly detail: string };

/** An empty value would open the door to everybody; it is unusable, as is everything that is not understood. */
export function readSecretList<Key>(secretText: string, kind: SecretKind<Key>): SecretList<Key> {
  // A line break at the end comes along when a secret is stored from a file.
  const text = secretText.trim();
  if (text === '') return unusable('it is empty');
  if (text.startsWith('[')) return readList(text, kind);
  if (text.startsWith('{')) {
    return unusable(`it is a JSON object; store the plain ${kind.noun}, or a list of {"id", "value"}`);
  }
  const key = kind.keyOf(text);
  if (key === null) return unusable(`the ${kind.noun} is not made of ${kind.shape}`);
  return { kind: 'secrets', secrets: [{ id: kind.noun, key, ...ALWAYS }] };
}

const ALWAYS = {
  notBeforeEpochMs: Number.NEGATIVE_INFINITY,
  notAfterEpochMs: Number.POSITIVE_INFINITY,
} as const;

function readList<Key>(text: string, kind: SecretKind<Key>): SecretList<Key> {
  const list = parseJson(text);
  if (!Array.isArray(list)) return unusable('it starts like a JSON list and is none');
  if (list.length === 0) return unusable('its list is empty');
  if (list.length > kind.maxSecrets) {
    return unusable(`its list has ${list.length} items, and ${kind.maxSecrets} are allowed; remove old ones`);
  }
  const secrets: Secret<Key>[] = [];
  for (const [index, item] of list.entries()) {
    const secret = readItem(item, kind);
    if (typeof secret === 'string') return unusable(`item ${index} of its list ${secret}`);
    secrets.push(secret);
  }
  return { kind: 'secrets', secrets };
}

/** The secret, or what is wrong with it. */
function readItem<Key>(item: unknown, kind: SecretKind<Key>): Secret<Key> | string {
  if (typeof item !== 'object' || item === null) return 'is not an object with "id" and "value"';
  const fields = new Map<string, unknown>(Object.entries(item));
  const id = fields.get('id');
  const value = fields.get('value');
  if (typeof id !== 'string' || id === '') return 'has no "id"';
  const key = typeof value === 'string' ? kind.keyOf(value) : null;
  if (key === null) return `has no "value" of ${kind.shape}`;
  const notBeforeEpochMs = readTime(fields.get('notBefore'), ALWAYS.notBeforeEpochMs);
  const notAfterEpochMs = readTime(fields.get('notAfter'), ALWAYS.notAfterEpochMs);
  if (notBeforeEpochMs === undefined || notAfterEpochMs === undefined) {
    return 'has a "notBefore" or "notAfter" that is not a timestamp such as 2026-01-31T12:00:00Z';
  }
  return { id, key, notBeforeEpochMs, notAfterEpochMs };
}

function readTime(value: unknown, absent: number): number | undefined {
  if (value === undefined || value === null) return absent;
  const epochMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

function unusable(detail: string): { readonly kind: 'unusable'; readonly detail: string } {
  return { kind: 'unusable', detail };
}

/** What the function of docs/overflow.md does with a parameter, for tests without Python. */
import { hash } from 'node:crypto';
import type { Parameter } from '../../../lib/prefect/parameters.ts';

/** The value as it was sent: out of the object that it refers to, or without wrappers. */
export function readReference(
  value: unknown,
  read: (bucket: string, key: string) => string | undefined,
): unknown {
  const found: unknown =
    typeof value === 'string' && value.startsWith('{"$sluice":') ? JSON.parse(value) : value;
  const reference: unknown = Array.isArray(found) && found.length === 1 ? found[0] : found;
  if (!isReference(reference)) return unwrapped(found);
  const body = read(reference.bucket, reference.key);
  if (body === undefined) throw new Error(`there is no object ${reference.key}`);
  if (hash('sha256', body, 'hex') !== reference.sha256) throw new Error('the object is another one');
  return JSON.parse(body);
}

/** The value with the objects in it that Prefect would have interpreted, as they were sent. */
export function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  if ('$sluice' in value && 'value' in value && value.$sluice === 'json') {
    return JSON.parse(String(value.value)) as unknown;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unwrapped(member)]));
}

/** What a flow gets of a parameter that is sent as it is. */
export function valueInFlow({ text, as }: Parameter): unknown {
  return as === 'string' ? text : JSON.parse(text);
}

interface Reference {
  readonly bucket: string;
  readonly key: string;
  readonly sha256: string;
}

function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && '$sluice' in value && value.$sluice === 's3';
}

/** What the function of docs/overflow.md does with a parameter, for tests without Python. */
import { hash } from 'node:crypto';
import type { Parameter } from '../../../lib/prefect/parameters.ts';

/** The value as the flow sees it: what is no reference is handed through. */
export function readReference(
  value: unknown,
  read: (bucket: string, key: string) => string | undefined,
): unknown {
  const found: unknown =
    typeof value === 'string' && value.startsWith('{"$sluice":') ? JSON.parse(value) : value;
  const reference: unknown = Array.isArray(found) && found.length === 1 ? found[0] : found;
  if (!isReference(reference)) return value;
  const body = read(reference.bucket, reference.key);
  if (body === undefined) throw new Error(`there is no object ${reference.key}`);
  if (hash('sha256', body, 'hex') !== reference.sha256) throw new Error('the object is another one');
  return JSON.parse(body);
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

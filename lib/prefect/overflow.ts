/**
 * Parameters that are too large for Prefect are put into S3, and the flow gets references in their place (the claim
 * check pattern). docs/overflow.md has the function with which a flow reads them.
 */
import { hash } from 'node:crypto';
import type { OverflowObject } from '../ports.ts';
import { countedSize, MAX_COUNTED_SIZE, renderParameters, type Parameter } from './parameters.ts';

/** Where the objects of a batch go. */
export interface OverflowPlace {
  readonly bucket: string;
  readonly routeName: string;
  readonly batchId: string;
}

export type Overflowed =
  | {
      readonly kind: 'fits';
      readonly parametersJson: string;
      /** To be stored before a run refers to them. */
      readonly objects: readonly OverflowObject[];
    }
  /** Even with references alone: there are thousands of parameters. `size` as Prefect counts. */
  | { readonly kind: 'too-large'; readonly size: number };

/** The member by which a flow tells a reference from a value. */
const MARKER = '$sluice';
const REFERENCE_START = `{"${MARKER}":`;

/**
 * Puts the largest parameters into objects, one after the other, until Prefect takes the rest, and before them every
 * value that a flow would take for a reference: no sender of events can make a flow read an object.
 */
export function overflow(parameters: ReadonlyMap<string, Parameter>, place: OverflowPlace): Overflowed {
  const sent = new Map(parameters);
  const objects: OverflowObject[] = [];
  let size = countedSize(renderParameters(sent));
  const refer = (name: string, parameter: Parameter): void => {
    const object = objectOf(name, parameter, place);
    const reference = referenceTo(object, parameter, place.bucket);
    objects.push(object);
    sent.set(name, reference);
    size += sizeOf(name, reference) - sizeOf(name, parameter);
  };
  const [forgeries, others] = partition([...parameters], ([, parameter]) => passesForReference(parameter));
  for (const [name, parameter] of forgeries) refer(name, parameter);
  for (const [name, parameter] of others.toSorted(
    ([, one], [, other]) => other.text.length - one.text.length,
  )) {
    if (size <= MAX_COUNTED_SIZE) break;
    refer(name, parameter);
  }
  return size <= MAX_COUNTED_SIZE
    ? { kind: 'fits', parametersJson: renderParameters(sent), objects }
    : { kind: 'too-large', size };
}

/** Sizes of parameters add up, but for what is between them. */
function sizeOf(name: string, parameter: Parameter): number {
  return countedSize(renderParameters(new Map([[name, parameter]])));
}

/** Whether the function of docs/overflow.md would take the value for a reference, or nearly so. */
export function passesForReference({ text, as }: Parameter): boolean {
  if (as === 'string') return text.startsWith(REFERENCE_START);
  // Most values need no closer look. A name may be written with escapes.
  if (!text.includes(MARKER) && !text.includes('\\u')) return false;
  const value: unknown = JSON.parse(text);
  if (typeof value === 'string') return value.startsWith(REFERENCE_START);
  return hasMarker(Array.isArray(value) && value.length === 1 ? value[0] : value);
}

function hasMarker(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, MARKER);
}

function objectOf(
  name: string,
  { text, as }: Parameter,
  { routeName, batchId }: OverflowPlace,
): OverflowObject {
  const bodyJson = as === 'json' ? text : JSON.stringify(text);
  const sha256 = hash('sha256', bodyJson, 'hex');
  return { key: `${routeName}/${batchId}/${name}-${sha256}.json`, bodyJson, sha256 };
}

/**
 * Of the same JSON type as the value: a list of one reference for a list, text for text. The parameter's type in the
 * flow, which Prefect checks when the run is created and again when it starts, goes on to hold.
 */
function referenceTo(
  { key, sha256, bodyJson }: OverflowObject,
  { text, as }: Parameter,
  bucket: string,
): Parameter {
  const bytes = Buffer.byteLength(bodyJson);
  const reference = JSON.stringify({ [MARKER]: 's3', bucket, key, sha256, bytes });
  if (as === 'string') return { text: reference, as };
  const [start] = /\S/.exec(text) ?? [];
  if (start === '[') return { text: `[${reference}]`, as };
  return { text: start === '"' ? JSON.stringify(reference) : reference, as };
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): readonly [readonly Item[], readonly Item[]] {
  const { first = [], rest = [] } = Object.groupBy(items, (item) => (isFirst(item) ? 'first' : 'rest'));
  return [first, rest];
}

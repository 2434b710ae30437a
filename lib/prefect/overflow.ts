/**
 * Parameters that are too large for Prefect are put into S3, and the flow gets references in their place (the claim
 * check pattern). docs/overflow.md has the function with which a flow reads them.
 */
import { hash } from 'node:crypto';
import type { OverflowObject } from '../ports.ts';
import { countedSize, MAX_COUNTED_SIZE, renderParameters, type Parameter } from './parameters.ts';
import { SLUICE_MARKER } from './wrapped-objects.ts';

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

/**
 * Puts the largest parameters into objects, one after the other, until Prefect takes the rest. An object holds the value
 * as it is: Prefect does not look into it.
 */
export function overflow(parameters: ReadonlyMap<string, Parameter>, place: OverflowPlace): Overflowed {
  const references = new Map<string, Parameter>();
  const objects: OverflowObject[] = [];
  let size = countedSize(renderParameters(parameters));
  const largestFirst = [...parameters].toSorted(([, one], [, other]) => other.text.length - one.text.length);
  for (const [name, parameter] of largestFirst) {
    if (size <= MAX_COUNTED_SIZE) break;
    const object = objectOf(name, parameter, place);
    const reference = referenceTo(object, parameter, place.bucket);
    objects.push(object);
    references.set(name, reference);
    // Sizes of parameters add up, but for what is between them.
    const alone = new Map([[name, parameter]]);
    size += countedSize(renderParameters(alone, references)) - countedSize(renderParameters(alone));
  }
  return size <= MAX_COUNTED_SIZE
    ? { kind: 'fits', parametersJson: renderParameters(parameters, references), objects }
    : { kind: 'too-large', size };
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
  const reference = JSON.stringify({ [SLUICE_MARKER]: 's3', bucket, key, sha256, bytes });
  if (as === 'string') return { text: reference, as };
  const [start] = /\S/.exec(text) ?? [];
  if (start === '[') return { text: `[${reference}]`, as };
  return { text: start === '"' ? JSON.stringify(reference) : reference, as };
}

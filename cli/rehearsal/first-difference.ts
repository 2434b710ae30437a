/** Compare two JSON values, and say where they first differ. */
import { isDeepStrictEqual } from 'node:util';

export interface Difference {
  /** For example `parameters.orders[0].total`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Null when both are the same value. Numbers compare as JavaScript has them. */
export function firstDifference(expected: unknown, found: unknown, path: string): Difference | null {
  if (isDeepStrictEqual(expected, found)) return null;
  if (Array.isArray(expected) && Array.isArray(found)) {
    if (expected.length !== found.length) {
      return {
        path: `the length of ${path}`,
        expected: String(expected.length),
        found: String(found.length),
      };
    }
    return firstOf(expected.map((each, index) => firstDifference(each, found[index], `${path}[${index}]`)));
  }
  if (isMap(expected) && isMap(found)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
    return firstOf(names.map((name) => firstDifference(expected[name], found[name], `${path}.${name}`)));
  }
  return { path, expected: shortJson(expected), found: shortJson(found) };
}

const MAX_SHOWN_CHARACTERS = 200;

/** JSON text, cut so that it fits into a report; `nothing` where there is no value. */
export function shortJson(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= MAX_SHOWN_CHARACTERS ? text : `${text.slice(0, MAX_SHOWN_CHARACTERS)}…`;
}

function firstOf(differences: readonly (Difference | null)[]): Difference | null {
  return differences.find((each) => each !== null) ?? null;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

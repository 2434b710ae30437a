/** Compare two JSON values, and say where they first differ. */
export interface Difference {
  /** For example `parameters.orders[0].total`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Null when both are the same value. Numbers compare as JavaScript has them, so that 0 is -0 and 1 is 1.0. */
export function firstDifference(expected: unknown, found: unknown, path: string): Difference | null {
  if (expected === found) return null;
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
    return firstOf(
      names.map((name) =>
        firstDifference(ownValue(expected, name), ownValue(found, name), `${path}.${name}`),
      ),
    );
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

/** A key such as `valueOf` is not there unless the value has it itself. */
export function ownValue(map: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

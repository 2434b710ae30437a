/** Parsed JSON as the CEL library can read it. */

const MAY_HOLD_CONSTRUCTOR = /constructor|\\u00[67]/i;

/**
 * cel-js tells maps from its own types by their `constructor`, so an object with a key of that name is "unsupported" to
 * it. Convert such data, and only such, to `Map`s.
 */
export function celValue(value: unknown, text: string): unknown {
  return MAY_HOLD_CONSTRUCTOR.test(text) ? withMaps(value) : value;
}

function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, inner]) => [key, withMaps(inner)]));
}

/**
 * Keys that make an object more than data to Prefect. Its server renders an object with `__prefect_kind` as a template
 * (prefect/utilities/schema_tools/hydration.py); its worker loads the block that an object with `$ref` names, before
 * the flow starts (prefect/flows.py, `Flow.validate_parameters`). Both look at every depth.
 */
export const TEMPLATE_MARKERS: readonly string[] = ['__prefect_kind', '$ref'];

/** An escape of a character of a marker, so that `"_\u005fprefect_kind"` and `"\u0024ref"` are not overlooked. */
const ESCAPED_MARKER_CHARACTER = /\\u00(?:24|5[fF]|6[3-9a-eA-E]|7[0-4])/;

/** A cheap first look at JSON text: false when none of the markers can be a key in it. */
export function mayHoldTemplateMarker(jsonText: string): boolean {
  return (
    TEMPLATE_MARKERS.some((marker) => jsonText.includes(marker)) || ESCAPED_MARKER_CHARACTER.test(jsonText)
  );
}

/** Whether one of the markers is a key of an object anywhere in the value. */
export function holdsTemplateMarker(root: unknown): boolean {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (TEMPLATE_MARKERS.some((marker) => Object.hasOwn(value, marker))) return true;
    for (const child of Object.values(value)) pending.push(child);
  }
  return false;
}

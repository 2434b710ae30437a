/**
 * Flow run parameters as Prefect takes them: nothing in them is rendered by its server or loaded by its worker, and
 * they are measured as Prefect measures them.
 */
import { TEMPLATE_MARKERS } from '../event/template-marker.ts';
import { wrapMarkedObjects, wrapText } from './wrapped-objects.ts';

/** Prefect's limit on `parameters`, in bytes as `countedSize` counts (`PREFECT_SERVER_API_MAX_PARAMETER_SIZE`). */
export const MAX_COUNTED_SIZE = 524_288;

export interface Parameter {
  /** JSON text of the value. It is never parsed and printed anew, so integers of any size stay exact. */
  readonly text: string;
  /**
   * - `json`: the flow gets the value, in which objects with a key that Prefect or the flow would interpret are wrapped
   *   (`wrapped-objects.ts`). Prefect's server does not hydrate the result of its `json` kind again.
   * - `string`: the flow gets the JSON text as a `str`.
   */
  readonly as: 'json' | 'string';
}

const NO_REFERENCES: ReadonlyMap<string, Parameter> = new Map();

/**
 * JSON text of the `parameters` object of `POST /deployments/{id}/create_flow_run`. `references` are sent in the place
 * of the parameters of the same names; Sluice wrote them, so they are not wrapped.
 * @throws {TemplateParameterError}
 */
export function renderParameters(
  parameters: ReadonlyMap<string, Parameter>,
  references: ReadonlyMap<string, Parameter> = NO_REFERENCES,
): string {
  const fields: string[] = [];
  for (const [name, parameter] of parameters) {
    if (TEMPLATE_MARKERS.includes(name)) throw new TemplateParameterError(name);
    const { text, as } = references.get(name) ?? wrapped(parameter);
    const literal = JSON.stringify(text);
    const value = as === 'json' ? `{"__prefect_kind":"json","value":${literal}}` : literal;
    fields.push(`${JSON.stringify(name)}:${value}`);
  }
  return `{${fields.join(',')}}`;
}

function wrapped({ text, as }: Parameter): Parameter {
  return { text: as === 'json' ? wrapMarkedObjects(text) : wrapText(text), as };
}

/** The configuration let a parameter through whose name turns all parameters into one template or reference. */
export class TemplateParameterError extends Error {
  override readonly name = 'TemplateParameterError';

  constructor(parameterName: string) {
    super(`a flow parameter cannot be named ${parameterName}, which Prefect interprets; rename it`);
  }
}

/**
 * Size in bytes as Prefect measures it before hydration, which is Python's
 * `json.dumps(parameters, separators=(",", ":"))` in ASCII: every UTF-16 unit beyond `~` is written `\uXXXX`, so
 * it counts 6, DEL included. Exact for what `renderParameters` made, whose values are all strings that
 * `JSON.stringify` wrote, escaping the same characters below DEL as Python does.
 */
export function countedSize(parametersJson: string): number {
  const length = parametersJson.length;
  // Most events are ASCII, and for ASCII these two native scans are all there is to do.
  if (Buffer.byteLength(parametersJson) === length && !parametersJson.includes('\x7f')) return length;
  let escapedUnits = 0;
  for (let index = 0; index < length; index++) if (parametersJson.charCodeAt(index) > 0x7e) escapedUnits++;
  return length + 5 * escapedUnits;
}

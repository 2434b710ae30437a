/** Flow run parameters as Prefect takes them: safe from its template hydration, and measured as it measures. */

/** Prefect's limit on `parameters`, in bytes as `countedSize` counts (`PREFECT_SERVER_API_MAX_PARAMETER_SIZE`). */
export const MAX_COUNTED_SIZE = 524_288;

/**
 * A dictionary with this key, at any depth of `parameters`, is a template to Prefect: it would be rendered, or
 * replaced by a workspace variable (prefect/utilities/schema_tools/hydration.py).
 */
const TEMPLATE_MARKER = '__prefect_kind';

export interface Parameter {
  /** JSON text of the value. It is sent as it is, never parsed, so integers of any size stay exact. */
  readonly text: string;
  /**
   * - `json`: the flow gets the value. Prefect does not hydrate the result of its `json` kind again, so markers
   *   inside arrive literally.
   * - `string`: the flow gets the JSON text as a `str`.
   */
  readonly as: 'json' | 'string';
}

/**
 * JSON text of the `parameters` object of `POST /deployments/{id}/create_flow_run`.
 * @throws {TemplateParameterError}
 */
export function renderParameters(parameters: ReadonlyMap<string, Parameter>): string {
  const fields: string[] = [];
  for (const [name, { text, as }] of parameters) {
    if (name === TEMPLATE_MARKER) throw new TemplateParameterError();
    const literal = JSON.stringify(text);
    const value = as === 'json' ? `{"${TEMPLATE_MARKER}":"json","value":${literal}}` : literal;
    fields.push(`${JSON.stringify(name)}:${value}`);
  }
  return `{${fields.join(',')}}`;
}

/** The configuration let a parameter through whose name turns all parameters into one template. */
export class TemplateParameterError extends Error {
  override readonly name = 'TemplateParameterError';
  readonly canRetry = false;

  constructor() {
    super(`a flow parameter cannot be named ${TEMPLATE_MARKER}: Prefect takes it for a template; rename it`);
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

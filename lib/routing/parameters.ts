/** The parameters of a flow run: each is the JSON text of what its expression yields over the events. */
import type { CompiledParameter } from '../compiled-config/compiled.ts';
import type { Rejection } from '../event/record.ts';
import { type RunExpression, type RunSubject, parseRunExpression } from '../expressions/expression.ts';
import { renderJson } from '../expressions/render-json.ts';

export interface ParameterTemplate {
  readonly expression: RunExpression;
  readonly as: CompiledParameter['as'];
}

/** `text` is JSON text in either form; `as: 'string'` asks for that text to be sent as one JSON string. */
export interface RenderedParameter {
  readonly text: string;
  readonly as: CompiledParameter['as'];
}

export type RenderedParameters =
  | { readonly kind: 'rendered'; readonly parameters: ReadonlyMap<string, RenderedParameter> }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** A compiled configuration held an expression that does not parse: it was not made by this version. */
export class StaleConfigurationError extends Error {
  override readonly name = 'StaleConfigurationError';
}

/** Parse the expressions of a compiled configuration, which were checked when it was compiled. */
export function parseParameters(
  parameters: Readonly<Record<string, CompiledParameter>>,
): ReadonlyMap<string, ParameterTemplate> {
  return new Map(
    Object.entries(parameters).map(([name, { expression: text, as }]) => {
      const parsed = parseRunExpression(text);
      if (parsed.ok) return [name, { expression: parsed.expression, as }];
      throw new StaleConfigurationError(`parameter ${name}: ${parsed.message}; redeploy`);
    }),
  );
}

/** Render all parameters, or return the first reason why one of them cannot be rendered. */
export function renderParameters(
  templates: ReadonlyMap<string, ParameterTemplate>,
  subject: RunSubject,
): RenderedParameters {
  const parameters = new Map<string, RenderedParameter>();
  for (const [name, { expression, as }] of templates) {
    const evaluated = expression.evaluate(subject);
    const rendered = evaluated.ok ? renderJson(evaluated.value) : evaluated;
    if (!rendered.ok) {
      const detail = `run.parameters.${name}: ${rendered.message}`;
      return { kind: 'rejected', rejection: { code: rendered.code, detail } };
    }
    parameters.set(name, { text: rendered.text, as });
  }
  return { kind: 'rendered', parameters };
}

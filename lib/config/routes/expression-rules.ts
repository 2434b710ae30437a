/** Warnings about expressions that are valid and hardly ever meant. */
import { expressionDoubts } from '../../expressions/expression-doubts.ts';
import type { ConfigIssue, ProblemPath } from '../issues/config-issue.ts';
import type { Valid } from '../valid-parts.ts';
import type { RouteConfiguration } from './model.ts';

export function expressionRules(name: string, route: Valid<RouteConfiguration>): readonly ConfigIssue[] {
  return expressionsOf(name, route).flatMap(({ at, text }) =>
    expressionDoubts(text).map(({ message, offset }): ConfigIssue => ({
      code: 'number-in-quotes',
      at,
      anchor: 'value',
      offset,
      found: 'a number in quotes, compared with data',
      fix: message,
    })),
  );
}

interface PlacedExpression {
  readonly at: ProblemPath;
  readonly text: string;
}

/** Conditions and parameters. A key compares nothing. */
function expressionsOf(name: string, route: Valid<RouteConfiguration>): readonly PlacedExpression[] {
  const { when, coalesce, run } = route;
  const bypassWhen = coalesce !== null && 'bypassWhen' in coalesce ? coalesce.bypassWhen : null;
  const placed = (
    text: string | null | undefined,
    ...path: readonly string[]
  ): readonly PlacedExpression[] =>
    typeof text === 'string' ? [{ at: ['routes', name, ...path], text }] : [];
  return [
    ...placed(when, 'when'),
    ...placed(bypassWhen, 'coalesce', 'bypassWhen'),
    ...Object.entries(run?.parameters ?? {}).flatMap(([parameter, value]) =>
      typeof value === 'string'
        ? placed(value, 'run', 'parameters', parameter)
        : placed(value?.value, 'run', 'parameters', parameter, 'value'),
    ),
  ];
}

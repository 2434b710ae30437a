/** Warnings about expressions that are valid and hardly ever meant. */
import { expressionDoubts } from '../../expressions/expression-doubts.ts';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { runExpressionsOf, type PlacedExpression } from '../run/expressions.ts';
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

/** Conditions, keys, and what runs are given. */
export function expressionsOf(name: string, route: Valid<RouteConfiguration>): readonly PlacedExpression[] {
  const { when, dedupe, coalesce, run } = route;
  const coalesceKey = coalesce !== null && 'key' in coalesce ? coalesce.key : null;
  const bypassWhen = coalesce !== null && 'bypassWhen' in coalesce ? coalesce.bypassWhen : null;
  const placed = (
    text: string | null | undefined,
    ...path: readonly string[]
  ): readonly PlacedExpression[] =>
    typeof text === 'string' ? [{ at: ['routes', name, ...path], text }] : [];
  return [
    ...placed(when, 'when'),
    ...placed(dedupe?.key, 'dedupe', 'key'),
    ...placed(coalesceKey, 'coalesce', 'key'),
    ...placed(bypassWhen, 'coalesce', 'bypassWhen'),
    ...(run === null ? [] : runExpressionsOf(name, run)),
  ];
}

/** The expressions of `run`, each with its place in the configuration. */
import type { ProblemPath } from '../issues/config-issue.ts';
import type { Valid } from '../valid-parts.ts';
import type { RunConfiguration } from './model.ts';

export interface PlacedExpression {
  readonly at: ProblemPath;
  readonly text: string;
}

export function runExpressionsOf(route: string, run: Valid<RunConfiguration>): readonly PlacedExpression[] {
  const { name, tags, workQueue, after, parameters, jobVariables } = run;
  const at = ['routes', route, 'run'];
  return [
    ...ofMap(parameters, [...at, 'parameters']),
    ...placed(name, [...at, 'name']),
    ...(tags ?? []).flatMap((tag, index) => ofField(tag, [...at, 'tags', index])),
    ...ofField(workQueue, [...at, 'workQueue']),
    ...ofField(after, [...at, 'after']),
    ...ofMap(jobVariables, [...at, 'jobVariables']),
  ];
}

type ValueField = { readonly value: string | null } | string | number | null | undefined;

/** Values of a map: expressions, or maps with one. */
function ofMap(
  map: Readonly<Record<string, ValueField>> | null | undefined,
  at: ProblemPath,
): readonly PlacedExpression[] {
  return Object.entries(map ?? {}).flatMap(([key, value]) =>
    typeof value === 'string' ? placed(value, [...at, key]) : ofField(value, [...at, key]),
  );
}

/** A text is a value itself; an expression is in a map. */
function ofField(field: ValueField, at: ProblemPath): readonly PlacedExpression[] {
  return typeof field === 'object' && field !== null ? placed(field.value, [...at, 'value']) : [];
}

function placed(text: string | null | undefined, at: ProblemPath): readonly PlacedExpression[] {
  return typeof text === 'string' ? [{ at, text }] : [];
}

/** A problem of a configuration, before it is located in a file. */
import type { ProblemCode } from './problem-codes.ts';

export type ProblemPath = readonly (string | number)[];

export interface ConfigIssue {
  readonly code: ProblemCode;
  readonly at: ProblemPath;
  /** Whether the key or the value at `at` is meant. */
  readonly anchor: 'key' | 'value';
  /** UTF-16 units from the start of the text at `at`, where only a part of it is meant. */
  readonly offset?: number;
  /** What was found, to be read after the word "found". */
  readonly found: string;
  /** How to fix it, as an imperative. */
  readonly fix: string;
}

/** Write a path as it is read, for example `routes.process-orders.run.tags[2]`. */
export function pathText(path: ProblemPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** A problem of a configuration as it is reported. */
import { pathText, type ConfigIssue } from './config-issue.ts';
import { severityOf, type ProblemCode, type Severity } from './problem-codes.ts';

/** Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** Path in the configuration, for example `routes.process-orders.run.tags[2]`; empty for the whole of it. */
  readonly path: string;
  /** Null when the configuration is not a file, or the value did not come from it. */
  readonly position: Position | null;
  /** What was found, to be read after the word "found". Never holds what could be a secret. */
  readonly found: string;
  /** How to fix it, as an imperative. */
  readonly fix: string;
}

export function toProblem({ code, at, found, fix }: ConfigIssue, position: Position | null): Problem {
  return { code, severity: severityOf(code), path: pathText(at), position, found, fix };
}

/** Sort as in the file. Problems without a position keep their order and come first. */
export function byPosition({ position: left }: Problem, { position: right }: Problem): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  return left.line - right.line || left.column - right.column;
}

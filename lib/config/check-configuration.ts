/** The one way from a configuration, wherever it was written, to the compiled one or to all of its problems. */
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { valueAt } from '../json/value-at.ts';
import { compile } from './compile.ts';
import { resourceRules } from './deployment/resource-rules.ts';
import { emulatorRules } from './emulator-rules.ts';
import { withoutEchoes } from './echoes.ts';
import { pathText, type ConfigIssue, type ProblemPath } from './issues/config-issue.ts';
import { byPosition, toProblem, type Position, type Problem } from './issues/problem.ts';
import { withoutSecret } from './issues/secret-fields.ts';
import { applyOverrides, type Overrides } from './overrides.ts';
import { parseConfiguration } from './parse-configuration.ts';
import { ruleIssues } from './rules.ts';
import { modelIssues } from './zod-issues.ts';

/** Errors and warnings are in the order of the file. A warning never keeps a configuration from being compiled. */
export type ConfigurationResult =
  | { readonly ok: true; readonly config: CompiledConfig; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly errors: readonly Problem[]; readonly warnings: readonly Problem[] };

/** Merge errors and warnings, in the order of the file, so that everything is reported at once. */
export function allProblems(result: ConfigurationResult): readonly Problem[] {
  return result.ok ? result.warnings : [...result.errors, ...result.warnings].sort(byPosition);
}

/** `locate` finds the place of an issue in the file, if there is one. */
export function checkConfiguration(
  written: unknown,
  overrides: Overrides,
  locate: (issue: ConfigIssue) => Position | null,
): ConfigurationResult {
  const { value, paths, issues: overrideIssues } = applyOverrides(written, overrides);
  const { configuration, issues: zodIssues, valid } = parseConfiguration(value);
  const overridden = new Set(paths.map(pathText));
  const issues = withoutEchoes([
    ...modelIssues(zodIssues, value).map((issue) => withoutSecret(issue, valueAt(value, issue.at))),
    ...prototypeKeys(value, []),
    ...emptyMaps(value),
    ...(valid === null ? [] : ruleIssues(valid)),
    ...emulatorRules(value),
    ...resourceRules(value),
  ]);
  const problems = [
    ...overrideIssues.map((issue) => toProblem(issue, null)),
    ...issues.map((issue) => toProblem(issue, overridden.has(pathText(issue.at)) ? null : locate(issue))),
  ].sort(byPosition);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  if (configuration === null || errors.length > 0) return { ok: false, errors, warnings };
  return { ok: true, config: compile(configuration), warnings };
}

function emptyMaps(root: unknown): readonly ConfigIssue[] {
  return (['sources', 'routes'] as const).flatMap((field): ConfigIssue[] => {
    const map = valueAt(root, [field]);
    if (typeof map !== 'object' || map === null || Object.keys(map).length > 0) return [];
    const fix = `add at least one ${field.slice(0, -1)}`;
    return [{ code: 'empty', at: [field], anchor: 'value', found: 'no entries', fix }];
  });
}

/** Zod skips keys called `__proto__` silently, and with them what they were meant to say. */
function prototypeKeys(value: unknown, at: ProblemPath): readonly ConfigIssue[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): readonly ConfigIssue[] => {
    const innerAt = [...at, Array.isArray(value) ? Number(key) : key];
    if (key !== '__proto__') return prototypeKeys(inner, innerAt);
    const found = `the field ${key}`;
    return [{ code: 'unknown-field', at: innerAt, anchor: 'key', found, fix: 'remove it' }];
  });
}

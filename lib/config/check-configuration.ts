/** The one way from a configuration, wherever it was written, to the compiled one or to all of its problems. */
import { compile } from './compile.ts';
import type { CompiledConfig } from '../compiled-config/compiled.ts';
import { modelFindings } from './model-findings.ts';
import { configurationModel } from './model/configuration-model.ts';
import { emulatorRules } from './emulator-rules.ts';
import { applyOverrides, type Overrides } from './overrides.ts';
import {
  type ConfigIssue,
  pathText,
  type Position,
  type Problem,
  type ProblemPath,
  severityOf,
} from './problem.ts';
import { ruleFindings } from './rules.ts';
import { soundParts } from './sound-parts.ts';
import { valueAt } from '../json/value-at.ts';

/** Errors and warnings are in the order of the file. A warning never keeps a configuration from being compiled. */
export type ConfigurationResult =
  | { readonly ok: true; readonly config: CompiledConfig; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly errors: readonly Problem[]; readonly warnings: readonly Problem[] };

/** Merge errors and warnings, in the order of the file, so that everything is reported at once. */
export function allProblems(result: ConfigurationResult): readonly Problem[] {
  return result.ok ? result.warnings : [...result.errors, ...result.warnings].sort(byPosition);
}

/** `locate` finds the place of a problem in the file, if there is one. */
export function checkConfiguration(
  written: unknown,
  overrides: Overrides,
  locate: (finding: ConfigIssue) => Position | null,
): ConfigurationResult {
  const { value, paths, findings: overrideFindings } = applyOverrides(written, overrides);
  const parsed = configurationModel.safeParse(value);
  const overridden = new Set(paths.map(pathText));
  const findings = [
    ...(parsed.success ? [] : modelFindings(parsed.error.issues, value)),
    ...prototypeKeys(value, []),
    ...emptyMaps(value),
    ...ruleFindings(soundParts(value)),
    ...emulatorRules(value),
  ];
  const problems = [
    ...overrideFindings.map((finding) => problemOf(finding, null)),
    ...findings.map((finding) =>
      problemOf(finding, overridden.has(pathText(finding.at)) ? null : locate(finding)),
    ),
  ].sort(byPosition);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  if (parsed.success && errors.length === 0) return { ok: true, config: compile(parsed.data), warnings };
  return { ok: false, errors, warnings };
}

function problemOf({ code, at, found, fix }: ConfigIssue, position: Position | null): Problem {
  return { code, severity: severityOf(code), path: pathText(at), position, found, fix };
}

function emptyMaps(root: unknown): readonly ConfigIssue[] {
  return (['sources', 'routes'] as const).flatMap((field): ConfigIssue[] => {
    const map = valueAt(root, [field]);
    if (typeof map !== 'object' || map === null || Object.keys(map).length > 0) return [];
    const fix = `add at least one ${field.slice(0, -1)}`;
    return [{ code: 'empty', at: [field], anchor: 'value', found: 'no entries', fix }];
  });
}

/** Zod passes over keys called `__proto__` without a word; nobody's intention may vanish like that. */
function prototypeKeys(value: unknown, at: ProblemPath): readonly ConfigIssue[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): readonly ConfigIssue[] => {
    const innerAt = [...at, Array.isArray(value) ? Number(key) : key];
    if (key !== '__proto__') return prototypeKeys(inner, innerAt);
    const found = `the field ${key}`;
    return [{ code: 'unknown-field', at: innerAt, anchor: 'key', found, fix: 'remove it' }];
  });
}

/** Stable: problems without a position keep their order and come first. */
function byPosition({ position: left }: Problem, { position: right }: Problem): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  return left.line - right.line || left.column - right.column;
}

/** Parse tests of routes: those of a file of their own, and those in the configuration. */
import type { z } from 'zod';
import { isObject } from '../../json/untrusted-json.ts';
import { toProblem, type Problem } from '../issues/problem.ts';
import { parseYaml } from '../yaml/yaml-file.ts';
import { modelIssues } from '../zod-issues.ts';
import { routeTestsModel, testFileModel, type RouteTest } from './model.ts';

export type ParsedTests =
  | { readonly kind: 'tests'; readonly tests: readonly RouteTest[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Parse a file with tests only. `fileName` is part of the positions of problems. */
export function parseTestFile(yamlText: string, fileName: string): ParsedTests {
  const parsed = parseYaml(yamlText, fileName);
  if (!parsed.ok) return { kind: 'invalid', problems: parsed.errors };
  const result = testFileModel.safeParse(parsed.value);
  if (result.success) return { kind: 'tests', tests: result.data.tests };
  return { kind: 'invalid', problems: problemsOf(result.error, parsed.value, parsed.locate) };
}

/** Return the tests in the text of a configuration that `loadConfigText` accepts. */
export function testsOfConfiguration(yamlText: string, fileName: string): readonly RouteTest[] {
  const parsed = parseYaml(yamlText, fileName);
  if (!parsed.ok || !isObject(parsed.value)) return [];
  return routeTestsModel.parse(parsed.value['tests'] ?? []);
}

function problemsOf(
  { issues }: z.ZodError,
  value: unknown,
  locate: Extract<ReturnType<typeof parseYaml>, { ok: true }>['locate'],
): readonly Problem[] {
  return modelIssues(issues, value).map((issue) => toProblem(issue, locate(issue)));
}

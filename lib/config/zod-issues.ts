/** Translate what the model refuses from Zod's words into those of problems. */
import type { z } from 'zod';
import { valueAt } from '../json/value-at.ts';
import { exampleOf, listFix, mapFix, objectForms } from './field-examples.ts';
import type { ConfigIssue, ProblemPath } from './issues/config-issue.ts';
import { describeValue } from './issues/describe-value.ts';
import { suggestOrList } from './issues/suggestion.ts';
import { InvalidValue } from './scalars/scalar.ts';
import { unknownFieldIssue } from './unknown-field.ts';

type Issue = z.core.$ZodIssue;

/** `root` is the configuration that Zod was given. */
export function modelIssues(issues: readonly Issue[], root: unknown): readonly ConfigIssue[] {
  return issues.flatMap((issue) => toConfigIssues(issue, [], root));
}

function toConfigIssues(issue: Issue, prefix: ProblemPath, root: unknown): readonly ConfigIssue[] {
  const at: ProblemPath = [...prefix, ...issue.path.map((step) => (typeof step === 'symbol' ? '' : step))];
  const value = valueAt(root, at);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownFieldIssue([...at, key], issue.message.split(' '), root));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => invalidValueIssue(inner, at, 'key'));
  }
  if (value === undefined) return [missingField(at)];
  switch (issue.code) {
    case 'custom':
      return [invalidValueIssue(issue, at, 'value')];
    case 'invalid_union':
      if (issue.errors.length > 0) return branchIssues(issue.errors, at, root);
      return [unknownValue(at, value, 'options' in issue ? texts(issue.options) : [])];
    case 'invalid_value':
      return [unknownValue(at, value, texts(issue.values))];
    case 'invalid_type':
      return [wrongType(at, value, typeFix(issue.expected, at, value))];
    case 'too_small':
      // Only lists have a smallest size in the model.
      return [{ code: 'empty', at, anchor: 'value', found: 'an empty list', fix: 'name at least one' }];
    case 'too_big': {
      // Only lists have a largest size in the model.
      const found = Array.isArray(value) ? `a list of ${value.length}` : describeValue(value);
      return [{ code: 'out-of-range', at, anchor: 'value', found, fix: `write at most ${issue.maximum}` }];
    }
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
      // The scalars of the model check all of this themselves.
      return [wrongType(at, value, issue.message)];
  }
}

/** Report the branch of a union that the value was meant for: the one that accepts its type. */
function branchIssues(
  branches: readonly (readonly Issue[])[],
  at: ProblemPath,
  root: unknown,
): readonly ConfigIssue[] {
  const value = valueAt(root, at);
  const issues = branches.map((branch) => branch.flatMap((issue) => toConfigIssues(issue, at, root)));
  const takesValue = (branch: readonly ConfigIssue[]): boolean =>
    branch.every((issue) => issue.at.length > at.length || issue.code !== 'wrong-type');
  return issues.find(takesValue) ?? [wrongType(at, value, textOrMapFix(value))];
}

function textOrMapFix(value: unknown): string {
  const isQuotable = typeof value === 'number' || typeof value === 'boolean';
  return isQuotable ? `write a text, in quotation marks ("${value}"), or a map` : 'write a text or a map';
}

function typeFix(expected: string, at: ProblemPath, value: unknown): string {
  switch (expected) {
    case 'object':
    case 'record':
      return mapFix(at, value);
    case 'array':
      return listFix(at, value);
    case 'string':
      return 'write a text';
    case 'boolean':
      return 'write true or false';
    default:
      return `write a ${expected}`;
  }
}

function unknownValue(at: ProblemPath, value: unknown, options: readonly string[]): ConfigIssue {
  if (typeof value !== 'string') return wrongType(at, value, `write one of ${options.join(', ')}`);
  const fix = suggestOrList(value, [...options, ...objectForms(at)], 'write one of');
  return { code: 'unknown-value', at, anchor: 'value', found: describeValue(value), fix };
}

function missingField(at: ProblemPath): ConfigIssue {
  if (at.at(-1) === 'verify') {
    return {
      code: 'verify-missing',
      at,
      anchor: 'key',
      found: 'nothing',
      fix: 'add verify: { scheme: bearer, secret: … } or verify: iam; verify: none lets anyone send',
    };
  }
  const example = exampleOf(at);
  const fix = example === null ? 'add it' : `add it, for example ${example}`;
  return { code: 'missing-field', at, anchor: 'key', found: 'nothing', fix };
}

function wrongType(at: ProblemPath, value: unknown, fix: string): ConfigIssue {
  return { code: 'wrong-type', at, anchor: 'value', found: describeValue(value), fix };
}

function invalidValueIssue(issue: Issue, at: ProblemPath, anchor: ConfigIssue['anchor']): ConfigIssue {
  const invalid: unknown = issue.code === 'custom' ? issue.params?.['invalidValue'] : undefined;
  if (!(invalid instanceof InvalidValue)) {
    return { code: 'wrong-type', at, anchor, found: 'a value', fix: issue.message };
  }
  const { code, found, fix, offset } = invalid;
  return { code, at, anchor, found, fix, ...(offset === undefined ? {} : { offset }) };
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map(String) : [];
}

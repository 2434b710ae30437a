/** Parse YAML with source positions. */
import { LineCounter, parseDocument, visit, type Document, type YAMLError } from 'yaml';
import type { ConfigIssue } from '../issues/config-issue.ts';
import { severityOf, type ProblemCode } from '../issues/problem-codes.ts';
import type { Position, Problem } from '../issues/problem.ts';
import { offsetOf } from './locate.ts';

export type ParsedYaml =
  | { readonly ok: true; readonly value: unknown; readonly locate: (issue: ConfigIssue) => Position }
  | { readonly ok: false; readonly errors: readonly Problem[]; readonly warnings: readonly [] };

/** Aliases are allowed, unless a few lines expand to megabytes. */
const MAX_ALIAS_COUNT = 100;

export function parseYaml(text: string, file: string): ParsedYaml {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const positionAt = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line, column: col };
  };
  const errors = withoutEchoes([...document.errors, ...document.warnings]);
  if (errors.length > 0) {
    return { ok: false, errors: errors.map((error) => yamlProblem(error, text, positionAt)), warnings: [] };
  }
  const missingAnchor = aliasWithoutAnchor(document);
  if (missingAnchor !== null) {
    const fix = 'put the anchor (&name) before the value that the alias (*name) repeats';
    const error = problem(
      'yaml-aliases',
      positionAt(missingAnchor),
      'an alias without an anchor before it',
      fix,
    );
    return { ok: false, errors: [error], warnings: [] };
  }
  const value = expand(document);
  if (value === CANNOT_EXPAND) {
    const found = `aliases that contain themselves or expand more than ${MAX_ALIAS_COUNT} times`;
    const error = problem('yaml-aliases', positionAt(0), found, 'write the values out');
    return { ok: false, errors: [error], warnings: [] };
  }
  return { ok: true, value, locate: (issue) => positionAt(offsetOf(issue, document, text) ?? 0) };
}

/** After text that is not YAML the parser is out of step, and what else it reports is rarely true. */
function withoutEchoes(errors: readonly YAMLError[]): readonly YAMLError[] {
  const inOrder = errors.toSorted((one, other) => one.pos[0] - other.pos[0]);
  const firstSyntaxError = inOrder.findIndex(({ code }) => !STRUCTURAL_CODES.includes(code));
  return firstSyntaxError < 0 ? inOrder : inOrder.slice(0, firstSyntaxError + 1);
}

/** Codes of errors after which the rest of the text is still read as it was meant. */
const STRUCTURAL_CODES: readonly string[] = ['DUPLICATE_KEY', 'MULTIPLE_DOCS'];

/** Return the offset of the first alias that refers to nothing, or null. */
function aliasWithoutAnchor(document: Document): number | null {
  let offset: number | null = null;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

const CANNOT_EXPAND = Symbol('cannot expand');

function expand(document: Document): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    // Throws on cycles, which the model would follow without end.
    JSON.stringify(value);
    return value;
  } catch {
    return CANNOT_EXPAND;
  }
}

function yamlProblem(error: YAMLError, text: string, positionAt: (offset: number) => Position): Problem {
  const position = positionAt(error.pos[0]);
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:,{}]*/.exec(text.slice(error.pos[0]))?.[0] ?? '';
    return problem('yaml-duplicate-key', position, `the key ${key} a second time`, 'remove one of them');
  }
  if (error.code === 'MULTIPLE_DOCS') {
    const fix = 'write each configuration into a file of its own';
    return problem('yaml-multiple-documents', position, 'a second document (---)', fix);
  }
  if (error.code === 'TAB_AS_INDENT') {
    return problem('yaml-syntax', position, 'a tab as indentation', 'indent with spaces');
  }
  if (error.code === 'TAG_RESOLVE_FAILED') {
    // The message of the library repeats the tag, which may be the start of a pasted secret.
    const fix = 'put the text into quotation marks';
    return problem('yaml-syntax', position, 'a tag: text that starts with !', fix);
  }
  const fix = 'correct the line, or put the text into quotation marks';
  return problem('yaml-syntax', position, `text that is not YAML: ${error.message}`, fix);
}

function problem(code: ProblemCode, position: Position, found: string, fix: string): Problem {
  return { code, severity: severityOf(code), path: '', position, found, fix };
}

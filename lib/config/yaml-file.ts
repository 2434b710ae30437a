/** A YAML text: its value, its problems, and where each part of it stands. */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Scalar,
  type YAMLError,
} from 'yaml';
import type { ConfigIssue, Position, Problem, ProblemCode, ProblemPath } from './problem.ts';
import { severityOf } from './problem.ts';

export type YamlReading =
  | { readonly ok: true; readonly value: unknown; readonly locate: (finding: ConfigIssue) => Position }
  | { readonly ok: false; readonly errors: readonly Problem[]; readonly warnings: readonly [] };

/** Anchors may be used, but not to make megabytes of a few lines. */
const MAX_ALIAS_COUNT = 100;

export function readYaml(text: string, file: string): YamlReading {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const positionAt = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line, column: col };
  };
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    return { ok: false, errors: errors.map((error) => yamlProblem(error, text, positionAt)), warnings: [] };
  }
  const value = expand(document);
  if (value === CANNOT_EXPAND) {
    const found = `aliases that contain themselves or expand more than ${MAX_ALIAS_COUNT} times`;
    return {
      ok: false,
      errors: [problem('yaml-aliases', positionAt(0), found, 'write the values out')],
      warnings: [],
    };
  }
  return {
    ok: true,
    value,
    locate: (finding) => positionAt(offsetOf(finding, document, text) ?? 0),
  };
}

const CANNOT_EXPAND = Symbol('cannot expand');

function expand(document: Document): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    // Throws on cycles, which the model would follow for ever.
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
    const found = 'a second document (---)';
    return problem(
      'yaml-multiple-documents',
      position,
      found,
      'put each configuration into a file of its own',
    );
  }
  const found = `text that is not YAML: ${error.message}`;
  return problem('yaml-syntax', position, found, 'correct the line, or put the text into quotation marks');
}

function problem(code: ProblemCode, position: Position | null, found: string, fix: string): Problem {
  return { code, severity: severityOf(code), path: '', position, found, fix };
}

/** The place of the deepest part of the path that the file has: that of its parent for what is missing. */
function offsetOf({ at, anchor, offset }: ConfigIssue, document: Document, text: string): number | null {
  let node: Node | null = document.contents;
  let keyOffset = startOf(node);
  for (const [depth, step] of at.entries()) {
    const entry = entryOf(node, step, document);
    if (entry === null) return keyOffset;
    keyOffset = entry.keyOffset ?? keyOffset;
    if (anchor === 'key' && depth === at.length - 1) return keyOffset;
    if (entry.value === null) return keyOffset;
    node = entry.value;
  }
  const start = startOf(node);
  return start !== null && offset !== undefined && isScalar(node)
    ? start + offsetWithin(node, offset, text)
    : (start ?? keyOffset);
}

function entryOf(
  node: Node | null,
  step: ProblemPath[number],
  document: Document,
): { readonly keyOffset: number | null; readonly value: Node | null } | null {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isMap(target)) {
    const pair = target.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    if (pair === undefined) return null;
    return {
      keyOffset: isNode(pair.key) ? startOf(pair.key) : null,
      value: isNode(pair.value) ? pair.value : null,
    };
  }
  if (isSeq(target) && typeof step === 'number') {
    const item = target.items[step];
    return isNode(item) ? { keyOffset: startOf(item), value: item } : null;
  }
  return null;
}

function startOf(node: Node | null): number | null {
  return node?.range?.[0] ?? null;
}

/** How far into a scalar's source the given character of its value stands; 0 where escapes or folding hide it. */
function offsetWithin(scalar: Scalar, offset: number, text: string): number {
  const [start, end] = scalar.range ?? [0, 0];
  const source = text.slice(start, end);
  const value = String(scalar.value);
  if (scalar.type === 'BLOCK_LITERAL') return offsetWithinBlock(source, value, offset);
  const at = source.indexOf(value);
  return at < 0 ? 0 : at + offset;
}

/** Below the header line, each line of the value stands behind the indentation of the block. */
function offsetWithinBlock(source: string, value: string, offset: number): number {
  const [header = '', ...lines] = source.split('\n');
  const before = value.slice(0, offset).split('\n');
  const indentation = /^ */.exec(lines.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
  const linesAbove = lines.slice(0, before.length - 1);
  const lineStart = [header, ...linesAbove].reduce((sum, line) => sum + line.length + 1, 0);
  return lineStart + indentation + (before.at(-1) ?? '').length;
}

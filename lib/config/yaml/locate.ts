/** Find where an issue is written in a YAML document. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type Node, type Scalar } from 'yaml';
import type { ConfigIssue, ProblemPath } from '../issues/config-issue.ts';

/** Return the offset of the deepest part of the path that the file has: of the parent of a missing field. */
export function offsetOf(
  { at, anchor, offset }: ConfigIssue,
  document: Document,
  text: string,
): number | null {
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

/** Return the offset in the source of a character of the value; 0 where escapes or folding hide it. */
function offsetWithin(scalar: Scalar, offset: number, text: string): number {
  const [start, end] = scalar.range ?? [0, 0];
  const source = text.slice(start, end);
  const value = String(scalar.value);
  if (scalar.type === 'BLOCK_LITERAL') return offsetWithinBlock(source, value, offset);
  const at = source.indexOf(value);
  return at < 0 ? 0 : at + offset;
}

/** Below the header line, each line of the value is indented as the block is. */
function offsetWithinBlock(source: string, value: string, offset: number): number {
  const [header = '', ...lines] = source.split('\n');
  const before = value.slice(0, offset).split('\n');
  const indentation = /^ */.exec(lines.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
  const linesAbove = lines.slice(0, before.length - 1);
  const lineStart = [header, ...linesAbove].reduce((sum, line) => sum + line.length + 1, 0);
  return lineStart + indentation + (before.at(-1) ?? '').length;
}

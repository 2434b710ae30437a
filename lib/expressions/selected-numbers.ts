/**
 * Selections whose value an expression yields as it is: `events[0].data.total`, or the `e.data.total` of
 * `events.map(e, {"total": e.data.total})`. A number that is selected there keeps the spelling that was received. A
 * number that anything computes with, or compares, is a plain number.
 */
import { Optional, type ASTNode } from '@marcbachmann/cel-js';
import { SpelledNumber, spellingsIn } from './received-numbers.ts';
import { wrapHandle } from './syntax-tree.ts';

const ACCESS_OPERATORS: ReadonlySet<string> = new Set(['.', '.?', '[]', '[?]']);

/** Make the yielded selections of a checked tree keep spellings. */
export function keepSpellings(root: ASTNode): void {
  for (const node of yieldedNodes(root)) {
    if (!ACCESS_OPERATORS.has(node.op)) continue;
    wrapHandle(
      node,
      (handle) =>
        (container, key, ...rest) =>
          withSpelling(handle(container, key, ...rest), container, key),
    );
  }
}

/** Nodes whose values are parts of what the tree yields, and nothing else. */
function* yieldedNodes(node: ASTNode): Generator<ASTNode> {
  yield node;
  for (const part of yieldedParts(node)) yield* yieldedNodes(part);
}

function yieldedParts(node: ASTNode): readonly ASTNode[] {
  if (node.op === 'list') return node.args;
  if (node.op === 'map') return node.args.map(([, value]) => value);
  if (node.op === '?:') return node.args.slice(1);
  if (node.op !== 'rcall') return [];
  const [name, receiver, args] = node.args;
  // map(e, value), map(e, condition, value), cel.bind(name, bound, value)
  if (name === 'map' || name === 'bind') return args.slice(-1);
  return name === 'orValue' || name === 'or' ? [receiver, ...args] : [];
}

function withSpelling(value: unknown, container: unknown, key: unknown): unknown {
  if (value instanceof Optional) {
    if (!value.hasValue()) return value;
    const inner: unknown = value.value();
    return typeof inner === 'number' ? Optional.of(withSpelling(inner, unwrapped(container), key)) : value;
  }
  if (typeof value !== 'number' || typeof container !== 'object' || container === null) return value;
  const spelling = spellingsIn(container)?.get(String(key));
  return spelling === undefined ? value : new SpelledNumber(spelling);
}

function unwrapped(container: unknown): unknown {
  return container instanceof Optional && container.hasValue() ? container.value() : container;
}

/** The library's syntax tree: how to walk it, and what the type checker and the evaluator leave on its nodes. */
import type { ASTNode } from '@marcbachmann/cel-js';

export type TextLiteral = Extract<ASTNode, { op: 'value' }> & { readonly args: string };

export function isTextLiteral(node: ASTNode): node is TextLiteral {
  return node.op === 'value' && typeof node.args === 'string';
}

/** The operands of a node in reading order. Those of a macro are its arguments as they were written. */
export function childrenOf({ args }: ASTNode): readonly ASTNode[] {
  return nodesIn(args);
}

/** The node and all below it, in reading order. */
export function nodesOf(node: ASTNode): readonly ASTNode[] {
  return [node, ...childrenOf(node).flatMap(nodesOf)];
}

/** The checker leaves the type of each node on it, which cel-js does not declare. */
export function checkedTypeName(node: ASTNode): string {
  if (!('checkedType' in node)) return '';
  const type = node.checkedType;
  return typeof type === 'object' && type !== null && 'name' in type ? String(type.name) : '';
}

/** Computes a node's value from those of its operands, which come first among the arguments. */
export type Handle = (...operands: readonly unknown[]) => unknown;

/**
 * Put a handle around that of an operator or a field access of a checked tree. cel-js does not declare `handle`, so the
 * version is pinned, and `test/lib/expressions/received-numbers.test.ts` fails when another version does without it.
 */
export function wrapHandle(node: ASTNode, wrap: (handle: Handle) => Handle): void {
  if (!('handle' in node) || typeof node.handle !== 'function') throw new ForeignSyntaxTreeError(node.op);
  const handle = node.handle as Handle;
  Object.assign(node, { handle: wrap(handle) });
}

export class ForeignSyntaxTreeError extends Error {
  override readonly name = 'ForeignSyntaxTreeError';

  constructor(operator: string) {
    super(`internal error: a syntax tree of another version of cel-js: ${operator} has no handle`);
  }
}

function nodesIn(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'pos' in value;
}

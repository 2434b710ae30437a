/** The variables that an expression reads, apart from those that its macros declare. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { childrenOf } from './syntax-tree.ts';

/** Macros of lists and maps whose first argument declares a variable: `events.map(e, e.data)`. */
const DECLARING_MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** Return the names, each with the offset at which it stands first. */
export function freeVariablesIn(root: ASTNode): ReadonlyMap<string, number> {
  const free = new Map<string, number>();
  collect(root, new Set(), free);
  return free;
}

function collect(node: ASTNode, declared: ReadonlySet<string>, free: Map<string, number>): void {
  if (node.op === 'id') {
    if (!declared.has(node.args) && !free.has(node.args)) free.set(node.args, node.start);
    return;
  }
  const declaration = declarationOf(node);
  if (declaration === null) {
    for (const child of childrenOf(node)) collect(child, declared, free);
    return;
  }
  for (const child of declaration.outside) collect(child, declared, free);
  const inner = new Set(declared).add(declaration.name);
  for (const child of declaration.inside) collect(child, inner, free);
}

interface Declaration {
  readonly name: string;
  /** Operands that do not see the variable. */
  readonly outside: readonly ASTNode[];
  readonly inside: readonly ASTNode[];
}

function declarationOf(node: ASTNode): Declaration | null {
  if (node.op !== 'rcall') return null;
  const [macro, receiver, [variable, ...rest]] = node.args;
  if (variable?.op !== 'id') return null;
  if (DECLARING_MACROS.has(macro) && rest.length > 0) {
    return { name: variable.args, outside: [receiver], inside: rest };
  }
  const [value, ...body] = rest;
  const isBinding = macro === 'bind' && receiver.op === 'id' && receiver.args === 'cel';
  return isBinding && value !== undefined ? { name: variable.args, outside: [value], inside: body } : null;
}

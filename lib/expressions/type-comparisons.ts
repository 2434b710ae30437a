/** The types of events that an expression compares with: `event.type == "a"`, `e.type in ["a", "b"]`. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { runEnvironment } from './cel-environment.ts';
import { parseProgram } from './cel-program.ts';
import { checkedTypeName, childrenOf, isTextLiteral, nodesOf, type TextLiteral } from './syntax-tree.ts';

export interface TypeComparison {
  readonly kind: 'equal' | 'prefix';
  readonly type: string;
  /** UTF-16 units from the start of the expression. */
  readonly offset: number;
}

/** Look through an expression that is valid over `event`, or over what a run is made of. */
export function typeComparisonsIn(text: string): readonly TypeComparison[] {
  const parsed = parseProgram(runEnvironment, text);
  return parsed.kind === 'refused' ? [] : nodesOf(parsed.program.ast).flatMap(comparisonsOf);
}

function comparisonsOf(node: ASTNode): readonly TypeComparison[] {
  if (node.op === '==' || node.op === '!=') {
    const [left, right] = node.args;
    const other = isEventType(left) ? right : isEventType(right) ? left : null;
    return other === null ? [] : comparedWith('equal', [other]);
  }
  if (node.op === 'in') {
    const [value, list] = node.args;
    return isEventType(value) && list.op === 'list' ? comparedWith('equal', childrenOf(list)) : [];
  }
  if (node.op === 'rcall') {
    const [name, value, operands] = node.args;
    return name.startsWith('startsWith') && isEventType(value) ? comparedWith('prefix', operands) : [];
  }
  return [];
}

function comparedWith(kind: TypeComparison['kind'], nodes: readonly ASTNode[]): readonly TypeComparison[] {
  const literals: readonly TextLiteral[] = nodes.filter(isTextLiteral);
  return literals.map(({ args: type, start: offset }) => ({ kind, type, offset }));
}

function isEventType(node: ASTNode): boolean {
  return node.op === '.' && node.args[1] === 'type' && checkedTypeName(node.args[0]) === 'Event';
}

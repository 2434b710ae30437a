/** Expressions that are valid and hardly ever meant, as warnings when a configuration is read. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { runEnvironment } from './cel-environment.ts';
import { parseProgram } from './cel-program.ts';
import type { BrokenRule } from './expression-rules.ts';
import { checkedTypeName, childrenOf, isTextLiteral, nodesOf } from './syntax-tree.ts';

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** Look through an expression that is valid over `event`, or over what a run is made of. */
export function expressionDoubts(text: string): readonly BrokenRule[] {
  const parsed = parseProgram(runEnvironment, text);
  if (parsed.kind === 'refused') return [];
  return nodesOf(parsed.program.ast).flatMap((node) => quotedNumber(node) ?? []);
}

/** A number in quotes beside data that may be a number: the two are never equal, whatever they are. */
function quotedNumber(node: ASTNode): BrokenRule | null {
  if (!COMPARISONS.has(node.op)) return null;
  const operands = childrenOf(node);
  const quoted = operands.filter(isTextLiteral).find(({ args }) => NUMBER.test(args));
  const other = operands.find((operand) => operand !== quoted);
  if (quoted === undefined || other === undefined) return null;
  if (!checkedTypeName(other).startsWith('dyn')) return null;
  const { args: number, start: offset } = quoted;
  return { message: `write ${number} without quotes if the data hold a number`, offset };
}

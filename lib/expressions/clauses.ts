/** The parts of a condition that all have to be true: what `&&` joins at its top. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Event } from '../event/event.ts';
import { eventEnvironment } from './cel-environment.ts';
import { parseProgram } from './cel-program.ts';
import { parseFilter } from './expression.ts';
import { fieldPathsIn, type FieldPath } from './field-paths.ts';
import { nodesOf } from './syntax-tree.ts';

export interface Clause {
  readonly text: string;
  /** Fields of the event that it reads, apart from those that macros and indexes decide on. */
  readonly fields: readonly FieldPath[];
  /** Undefined if it fails on the event. */
  evaluate(event: Event): boolean | undefined;
}

/** Split a condition. One that cannot be split is a single clause. */
export function clausesOf(condition: string): readonly Clause[] {
  const parsed = parseProgram(eventEnvironment, condition);
  if (parsed.kind === 'refused') return [];
  const clauses = conjuncts(parsed.program.ast).map((node) => clauseOf(withParentheses(textOf(node))));
  return clauses.every((clause) => clause !== null) ? clauses : [clauseOf(condition) ?? []].flat();
}

function conjuncts(node: ASTNode): readonly ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conjuncts) : [node];
}

function clauseOf(text: string): Clause | null {
  const parsed = parseFilter(text);
  const program = parseProgram(eventEnvironment, text);
  if (!parsed.ok || program.kind === 'refused') return null;
  const { expression } = parsed;
  return {
    text,
    fields: fieldPathsIn(program.program.ast),
    evaluate(event) {
      const evaluated = expression.evaluate(event);
      return evaluated.ok ? evaluated.value : undefined;
    },
  };
}

/** A node begins behind and ends before the parentheses around its first and last operands. */
function textOf(node: ASTNode): string {
  const nodes = nodesOf(node);
  const start = Math.min(...nodes.map((each) => each.start));
  const end = Math.max(...nodes.map((each) => each.end));
  return node.input.slice(start, end);
}

const STRING_OR_PARENTHESIS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()]/g;

/** Add the parentheses that a text lacks at its ends. */
function withParentheses(text: string): string {
  let open = 0;
  let unopened = 0;
  for (const [token] of text.matchAll(STRING_OR_PARENTHESIS)) {
    if (token === '(') open += 1;
    else if (token === ')' && open > 0) open -= 1;
    else if (token === ')') unopened += 1;
  }
  return '('.repeat(unopened) + text + ')'.repeat(open);
}

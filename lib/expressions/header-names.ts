/** The headers that an expression names: `event.headers["x-tenant"]`, `has(e.headers.tenant)`, `"a" in event.headers`. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { runEnvironment } from './cel-environment.ts';
import { parseProgram } from './cel-program.ts';
import { HEADER_FIELDS } from './header-maps.ts';
import { checkedTypeName, isTextLiteral, nodesOf } from './syntax-tree.ts';

export interface NamedHeader {
  readonly name: string;
  /** UTF-16 units from the start of the expression. */
  readonly offset: number;
}

/** Look through an expression that is valid over `event`, or over what a run is made of. */
export function headerNamesIn(text: string): readonly NamedHeader[] {
  const parsed = parseProgram(runEnvironment, text);
  return parsed.kind === 'refused' ? [] : nodesOf(parsed.program.ast).flatMap((node) => named(node) ?? []);
}

function named(node: ASTNode): NamedHeader | null {
  if (node.op === '.' || node.op === '.?') {
    const [map, name] = node.args;
    return isHeaderMap(map) ? { name, offset: node.pos } : null;
  }
  if (node.op !== '[]' && node.op !== '[?]' && node.op !== 'in') return null;
  const [map, name] = node.op === 'in' ? [node.args[1], node.args[0]] : node.args;
  return isHeaderMap(map) && isTextLiteral(name) ? { name: name.args, offset: name.start } : null;
}

function isHeaderMap(node: ASTNode): boolean {
  if (node.op !== '.') return false;
  const [event, field] = node.args;
  return Object.hasOwn(HEADER_FIELDS, field) && checkedTypeName(event) === 'Event';
}

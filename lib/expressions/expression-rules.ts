/**
 * What CEL's own type checker lets pass and would surprise at run time, found in the checked syntax tree:
 * - `has(event.tpye)` and `event.?tpye` are not checked by cel-js: they would be false for ever;
 * - cel-js drops map keys such as `constructor` without a word, and keeps the last of two equal keys;
 * - a pattern for `matches` that is read from an event could hang the function (JavaScript's expressions
 *   backtrack), and a malformed one would fail on every event.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { EVENT_FIELDS, ORIGIN_FIELDS } from './event-view.ts';

/** `offset` counts UTF-16 units from the start of the expression. */
export interface BrokenRule {
  readonly message: string;
  readonly offset: number;
}

const KEYS_THAT_CEL_DROPS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The first rule that a parsed and type-checked expression breaks, in reading order. */
export function findBrokenRule(node: ASTNode): BrokenRule | null {
  const broken = brokenRuleOf(node);
  if (broken !== null) return broken;
  for (const child of childrenOf(node.args)) {
    const found = findBrokenRule(child);
    if (found !== null) return found;
  }
  return null;
}

function brokenRuleOf(node: ASTNode): BrokenRule | null {
  if (node.op === '.?' || node.op === '[?]') return unknownField(node);
  if (node.op === 'map') return badMapKey(node.args);
  if (node.op === 'call') {
    const [name, [first]] = node.args;
    return name === 'has' && first !== undefined ? unknownField(first) : null;
  }
  if (node.op === 'rcall') {
    const [name, , [pattern]] = node.args;
    return name === 'matches' && pattern !== undefined ? badPattern(pattern) : null;
  }
  return null;
}

/** Names the field of a chain such as `event.origin.tpoic` that its type does not have. */
export function unknownField(node: ASTNode): BrokenRule | null {
  const chain: { name: string; offset: number }[] = [];
  let root = node;
  for (;;) {
    if (root.op === '.' || root.op === '.?') {
      chain.unshift({ name: root.args[1], offset: root.pos });
      root = root.args[0];
    } else if ((root.op === '[]' || root.op === '[?]') && isTextLiteral(root.args[1])) {
      chain.unshift({ name: root.args[1].args, offset: root.args[1].start });
      root = root.args[0];
    } else break;
  }
  let typeName = checkedTypeName(root);
  for (const { name, offset } of chain) {
    const fields = fieldsOf(typeName);
    if (fields === null) return null;
    const fieldType = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (fieldType === undefined) {
      const known = Object.keys(fields).join(', ');
      return { message: `${typeName} has no field '${name}'; it has ${known}`, offset };
    }
    typeName = fieldType;
  }
  return null;
}

/** Names of the fields of an `Event` that a checked expression reads anywhere: `event.type`, `event["type"]`. */
export function eventFieldsIn(node: ASTNode): ReadonlySet<string> {
  return new Set(fieldReadsIn(node));
}

function fieldReadsIn(node: ASTNode): readonly string[] {
  const inner = childrenOf(node.args).flatMap(fieldReadsIn);
  const field = fieldReadBy(node);
  return field === undefined ? inner : [field, ...inner];
}

function fieldReadBy(node: ASTNode): string | undefined {
  if (node.op === '.' || node.op === '.?') {
    return checkedTypeName(node.args[0]) === 'Event' ? node.args[1] : undefined;
  }
  if (node.op === '[]' || node.op === '[?]') {
    const [root, name] = node.args;
    return checkedTypeName(root) === 'Event' && isTextLiteral(name) ? name.args : undefined;
  }
  return undefined;
}

function fieldsOf(typeName: string): Readonly<Record<string, string>> | null {
  if (typeName === 'Event') return EVENT_FIELDS;
  return typeName === 'Origin' ? ORIGIN_FIELDS : null;
}

function badPattern(pattern: ASTNode): BrokenRule | null {
  if (!isTextLiteral(pattern)) {
    return {
      message: 'the pattern of matches() must be a text literal, never read from an event',
      offset: pattern.start,
    };
  }
  try {
    new RegExp(pattern.args);
    return null;
  } catch {
    return {
      message: 'the pattern of matches() is not a valid regular expression',
      offset: pattern.start,
    };
  }
}

function badMapKey(entries: readonly (readonly [ASTNode, ASTNode])[]): BrokenRule | null {
  const seen = new Set<string>();
  for (const [key] of entries) {
    const offset = key.start;
    if (!isTextLiteral(key)) return { message: 'a map key must be a text literal', offset };
    if (KEYS_THAT_CEL_DROPS.has(key.args)) {
      return { message: `'${key.args}' cannot be a map key here: CEL would drop it`, offset };
    }
    if (seen.has(key.args)) return { message: `the map key '${key.args}' is there twice`, offset };
    seen.add(key.args);
  }
  return null;
}

function isTextLiteral(node: ASTNode): node is Extract<ASTNode, { op: 'value' }> & { args: string } {
  return node.op === 'value' && typeof node.args === 'string';
}

/** The checker leaves the type of each node on it, which cel-js does not declare. */
function checkedTypeName(node: ASTNode): string {
  if (!('checkedType' in node)) return '';
  const type = node.checkedType;
  return typeof type === 'object' && type !== null && 'name' in type ? String(type.name) : '';
}

function childrenOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'pos' in value;
}

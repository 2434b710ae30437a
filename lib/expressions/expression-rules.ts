/**
 * Rules for a checked syntax tree beyond CEL's own type checker:
 * - cel-js does not check `has(event.tpye)` and `event.?tpye`: they would be false for every event;
 * - cel-js drops map keys such as `constructor` silently, and keeps the last of two equal keys;
 * - a pattern of `matches` has to be valid in RE2, and is compiled here, once; one that is read from an event would be
 *   compiled for each;
 * - integers, time zones and types that CEL does not have would fail on every event, or never be equal to anything.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { TIME_ZONE_FUNCTIONS } from './cel-functions.ts';
import { EVENT_FIELDS, ORIGIN_FIELDS } from './event-view.ts';
import { MAX_BUILT_DEPTH } from './expression-limits.ts';
import { compilePattern } from './patterns.ts';
import { checkedTypeName, childrenOf, isTextLiteral, nodesOf } from './syntax-tree.ts';
import { isTimeZone } from './time-zone.ts';
import { WINDOW_FIELDS } from './window-view.ts';

/** `offset` counts UTF-16 units from the start of the expression. */
export interface BrokenRule {
  readonly message: string;
  readonly offset: number;
}

const KEYS_THAT_CEL_DROPS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Find the first rule that a parsed and type-checked expression breaks, in reading order. */
export function findBrokenRule(root: ASTNode): BrokenRule | null {
  for (const node of nodesOf(root)) {
    const broken = brokenRuleOf(node);
    if (broken !== null) return broken;
  }
  return builtDepth(root) > MAX_BUILT_DEPTH
    ? { message: `it builds more than ${MAX_BUILT_DEPTH} levels of lists and maps`, offset: 0 }
    : null;
}

function brokenRuleOf(node: ASTNode): BrokenRule | null {
  if (node.op === '.?' || node.op === '[?]') return unknownField(node);
  if (node.op === '==' || node.op === '!=') return ambiguousEquality(node);
  if (node.op === 'map') return badMapKey(node.args);
  if (node.op === 'value') return badLiteral(node);
  if (node.op === 'id' && node.args === 'google') {
    return { message: 'messages and types of Protobuf are not available', offset: node.start };
  }
  if (node.op === 'call') {
    const [name, [first, second]] = node.args;
    if (name === 'has' && first !== undefined) return unknownField(first);
    return name === 'matches_' && second !== undefined ? badPattern(second) : null;
  }
  if (node.op === 'rcall') {
    const [name, , [first]] = node.args;
    if (first === undefined) return null;
    if (name === 'matches_') return badPattern(first);
    return TIME_ZONE_FUNCTIONS.has(name) ? badTimeZone(first) : null;
  }
  return null;
}

/** Levels of lists and maps that an expression builds around what it takes from data. */
function builtDepth(node: ASTNode): number {
  const inner = Math.max(0, ...childrenOf(node).map(builtDepth));
  const builds = node.op === 'list' || node.op === 'map' || (node.op === 'rcall' && node.args[0] === 'map');
  return builds ? inner + 1 : inner;
}

/** Tell whether an expression reads anything within the data of events, so that it may yield numbers of them. */
export function readsWithinData(root: ASTNode): boolean {
  return nodesOf(root).some(
    (node) =>
      (node.op === '.' || node.op === '.?' || node.op === '[]' || node.op === '[?]') &&
      fieldsOf(checkedTypeName(node.args[0])) === null,
  );
}

/** What other systems call the data of an event. */
const NAMES_OF_DATA: ReadonlySet<string> = new Set([
  'body',
  'payload',
  'value',
  'message',
  'detail',
  'json',
  'content',
]);

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
      const meant = typeName === 'Event' && NAMES_OF_DATA.has(name) ? '; the body is event.data' : '';
      return { message: `${typeName} has no field '${name}'; it has ${known}${meant}`, offset };
    }
    typeName = fieldType;
  }
  return null;
}

/** Names of the fields of an `Event` that a checked expression reads anywhere: `event.type`, `event["type"]`. */
export function eventFieldsIn(node: ASTNode): ReadonlySet<string> {
  return new Set(nodesOf(node).flatMap((each) => fieldReadBy(each) ?? []));
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
  if (typeName === 'Window') return WINDOW_FIELDS;
  return typeName === 'Origin' ? ORIGIN_FIELDS : null;
}

function badPattern(pattern: ASTNode): BrokenRule | null {
  const offset = pattern.start;
  if (!isTextLiteral(pattern)) {
    return { message: 'the pattern of matches() must be a text literal, never read from an event', offset };
  }
  const problem = compilePattern(pattern.args);
  if (problem === null) return null;
  return {
    message:
      `the pattern of matches() is not valid in RE2 (${problem}), whose syntax is at ` +
      'https://github.com/google/re2/wiki/Syntax; it has no look-ahead and no backreferences',
    offset,
  };
}

const RELATIONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', 'in']);

/** `a == b < c` is `(a == b) < c` in CEL and `a == (b < c)` to cel-js. */
function ambiguousEquality(node: Extract<ASTNode, { op: '==' | '!=' }>): BrokenRule | null {
  const [left, right] = node.args;
  if (!RELATIONS.has(right.op) || isInParentheses(right, left.end)) return null;
  const message = `${node.op} and ${right.op} bind equally; put parentheses around one of them`;
  return { message, offset: right.start };
}

/** Tell whether the first parenthesis behind `from` opens before the node and closes behind it. */
function isInParentheses({ input, start, end }: ASTNode, from: number): boolean {
  // The operator stands between the two, behind parentheses that close the left operand.
  const operator = input.slice(from, start).search(/[!=]=/);
  const opening = input.indexOf('(', from + operator);
  if (opening === -1 || opening >= start) return false;
  let depth = 0;
  for (const { 0: token, index } of input.slice(opening).matchAll(STRING_OR_PARENTHESIS)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    if (depth === 0) return opening + index >= end;
  }
  return false;
}

const STRING_OR_PARENTHESIS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()]/g;

function badTimeZone(zone: ASTNode): BrokenRule | null {
  if (!isTextLiteral(zone) || isTimeZone(zone.args)) return null;
  return { message: 'there is no such time zone; write "Europe/Berlin" or "+01:00"', offset: zone.start };
}

type Literal = Extract<ASTNode, { op: 'value' }>;

const MAX_INT = 2n ** 63n - 1n;

const BEYOND_ASCII = /[^\0-\x7f]/;

function badLiteral({ args: value, start: offset, end, input }: Literal): BrokenRule | null {
  const isMinimum = value === MAX_INT + 1n && input[offset - 1] === '-';
  if (typeof value === 'bigint' && value > MAX_INT && !isMinimum) {
    return { message: 'an int has 64 bits; compare numbers with more digits as text, string(…)', offset };
  }
  // CEL takes the UTF-8 bytes of a character, and cel-js the lowest byte of its code.
  if (value instanceof Uint8Array && BEYOND_ASCII.test(input.slice(offset, end))) {
    return { message: 'bytes beyond ASCII have to be escaped: b"\\xc3\\xbf"', offset };
  }
  return null;
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

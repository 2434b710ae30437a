/** CEL text as a program: parsed, made to call our functions, type-checked, and held to rules that CEL's checker lacks. */
import { type ASTNode, type Environment, ParseError, TypeError } from '@marcbachmann/cel-js';
import { isRegisteredName, registeredName, withPublicNames } from './cel-functions.ts';
import { checkedInt } from './conversions.ts';
import { hintFor, misreadText } from './expression-hints.ts';
import { findBrokenRule, unknownField } from './expression-rules.ts';
import { nodesOf, wrapHandle } from './syntax-tree.ts';

export interface CelProgram {
  readonly ast: ASTNode;
  /** The type that the checker found, `dyn` where only the data will tell. */
  readonly type: string;
  /** @throws {EvaluationError} */
  readonly run: (context: Readonly<Record<string, unknown>>) => unknown;
}

/** `offset` counts UTF-16 units from the start of the expression. */
export type ParsedProgram =
  | { readonly kind: 'program'; readonly program: CelProgram }
  | { readonly kind: 'refused'; readonly message: string; readonly offset: number };

export function parseProgram(environment: Environment, text: string): ParsedProgram {
  const misread = misreadText(text);
  if (misread !== null) return { kind: 'refused', message: misread, offset: 0 };
  let parsed: ReturnType<Environment['parse']>;
  try {
    parsed = environment.parse(text);
  } catch (error) {
    return refused(text, error);
  }
  const reserved = callOwnFunctions(parsed.ast);
  if (reserved !== null) return reserved;
  const checked = parsed.check();
  if (!checked.valid) return refused(text, checked.error);
  const broken = findBrokenRule(parsed.ast);
  if (broken !== null) return { kind: 'refused', ...broken };
  checkIntegers(parsed.ast);
  const type = checked.type ?? 'dyn';
  return { kind: 'program', program: { ast: parsed.ast, type, run: (context): unknown => parsed(context) } };
}

/** Rename calls of functions that we have under another name. Return why one cannot be called, or null. */
function callOwnFunctions(root: ASTNode): ParsedProgram | null {
  for (const node of nodesOf(root)) {
    if (node.op !== 'call' && node.op !== 'rcall') continue;
    const [name] = node.args;
    if (isRegisteredName(name)) {
      return { kind: 'refused', message: `there is no function ${name}()`, offset: node.start };
    }
    node.args[0] = registeredName(name);
  }
  return null;
}

/** cel-js checks sums and products of integers for overflow, but not these two. */
function checkIntegers(root: ASTNode): void {
  for (const node of nodesOf(root)) {
    if (node.op !== '-_' && node.op !== '/') continue;
    wrapHandle(node, (handle) => (...operands) => {
      const value = handle(...operands);
      return typeof value === 'bigint' ? checkedInt(value) : value;
    });
  }
}

/** The checker throws an error of JavaScript for operands whose type it cannot tell, such as elements of `[]`. */
const AMBIGUOUS: ParsedProgram = {
  kind: 'refused',
  message: 'the types of the operands are ambiguous; write dyn(…) around an empty list or map',
  offset: 0,
};

function refused(text: string, error: unknown): ParsedProgram {
  if (!(error instanceof ParseError || error instanceof TypeError)) return AMBIGUOUS;
  const broken = error instanceof TypeError && error.node !== undefined ? unknownField(error.node) : null;
  if (broken !== null) return { kind: 'refused', ...broken };
  const hint = hintFor(text, error);
  const message = withPublicNames(error.summary);
  return {
    kind: 'refused',
    message: hint === null ? message : `${message}; ${hint}`,
    offset: error.range?.start ?? 0,
  };
}

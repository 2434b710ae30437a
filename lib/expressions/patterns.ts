/**
 * Patterns of `matches()`: RE2's syntax and meaning, as CEL has it, in time that is linear in the length of the text.
 * JavaScript's own regular expressions differ in both, and can take exponential time.
 */
import { loadPatternEngine } from './pattern-engine.cjs';

/** Compiled when the expression is: the first `\p{…}` of a process builds tables for a tenth of a second. */
const COMPILED = new Map<string, Pattern>();

interface Pattern {
  test(text: string): boolean;
}

/** Return null when the pattern is valid, else what is wrong with it. */
export function compilePattern(pattern: string): string | null {
  if (COMPILED.has(pattern)) return null;
  try {
    COMPILED.set(pattern, loadPatternEngine().compile(pattern));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'invalid';
  }
}

/** The pattern has been compiled: an expression with another one is not accepted. */
export function matchesPattern(text: string, pattern: string): boolean {
  const compiled = COMPILED.get(pattern);
  if (compiled === undefined) throw new UnknownPatternError();
  return compiled.test(text);
}

export class UnknownPatternError extends Error {
  override readonly name = 'UnknownPatternError';

  constructor() {
    super('internal error: matches() was called with a pattern that was not compiled with its expression');
  }
}

/** RE2 as `patterns.ts` uses it. */
export interface PatternEngine {
  /** Throw an error that says what is wrong with the pattern. */
  compile(pattern: string): { test(text: string): boolean };
}

export function loadPatternEngine(): PatternEngine;

import { celMap, isCelError, isCelList, isCelMap, isCelUint, run } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { celEnvironment } from '../../lib/expressions/cel-environment.ts';
import { parseProgram } from '../../lib/expressions/cel-program.ts';
import { canonicalCelValue } from './canonical-cel-value.ts';
import { bindings, expression, VARIABLES } from './cel-expression.ts';

const environment = celEnvironment.clone();
for (const [name, type] of Object.entries(VARIABLES)) environment.registerVariable(name, type);

type Bindings = typeof bindings extends fc.Arbitrary<infer Value> ? Value : never;

/** Null where our type checker refuses the expression. */
function ours(text: string, values: Bindings): string | null {
  const parsed = parseProgram(environment, text);
  if (parsed.kind === 'refused') return null;
  try {
    return canonicalCelValue(parsed.program.run(values));
  } catch {
    return 'error';
  }
}

function theirs(text: string, values: Bindings): string {
  const result = run(text, { ...values, m: celMap(new Map(Object.entries(values.m))) }, { funcs: strings });
  return isCelError(result) ? 'error' : canonicalCelValue(plain(result));
}

function plain(value: unknown): unknown {
  if (isCelList(value)) return [...value].map(plain);
  if (isCelMap(value)) return new Map([...value].map(([key, inner]) => [plain(key), plain(inner)]));
  return isCelUint(value) ? value.value : value;
}

describe('our environment and another implementation of CEL', () => {
  it('yield the same for the same expressions and data', () => {
    let compared = 0;
    fc.assert(
      fc.property(expression, bindings, (text, values) => {
        const own = ours(text, values);
        if (own === null) return;
        compared += 1;
        expect(own).toBe(theirs(text, values));
      }),
      // Always the same expressions: a fault of the other engine is not to fail a build at random.
      { numRuns: 5000, seed: 20_260_131 },
    );
    expect(compared).toBeGreaterThan(2000);
  });
});

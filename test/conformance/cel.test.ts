import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge, readCelCases } from './cel-cases.ts';

const UINT_EQUALITY = 'within lists, a uint is equal to a uint only';
const EXACT_COMPARISON = 'an int and a double are compared exactly';

/**
 * Where our environment evaluates an expression of the specification's tests and yields something else. Each is in
 * docs/expressions.md. A difference that appears, and one that vanishes, fails the test.
 */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  'comparisons/eq_literal/eq_list_mixed_type_numbers': UINT_EQUALITY,
  'lists/in/uint_in_ints': UINT_EQUALITY,
  'lists/in/uint_in_doubles': UINT_EQUALITY,
  'lists/in/int_in_uints': UINT_EQUALITY,
  'lists/in/double_in_uints': UINT_EQUALITY,
  'lists/index/zero_based_uint': 'a list is not indexed by a uint',
  'comparisons/lt_literal/not_lt_dyn_int_big_lossy_double': EXACT_COMPARISON,
  'comparisons/gt_literal/not_gt_dyn_big_double_int': EXACT_COMPARISON,
  'comparisons/lte_literal/lte_dyn_big_double_int': EXACT_COMPARISON,
  'comparisons/gte_literal/gte_dyn_int_big_lossy_double': EXACT_COMPARISON,
  'fp_math/fp_math/mod_not_support': 'the numbers of JSON are doubles, and % works on them',
  'optionals/optionals/map_null_entry_no_such_key': 'a field of null is absent after .?',
};

const { cases } = readCelCases();
const verdicts = cases.map((each) => ({ name: each.name, suite: each.suite, verdict: judge(each) }));

describe("CEL's conformance tests", () => {
  it('agree with our environment, or differ as is documented', () => {
    const differing = verdicts.filter(({ verdict }) => verdict.kind === 'differs').map(({ name }) => name);
    expect(differing.toSorted()).toEqual(Object.keys(KNOWN_DIFFERENCES).toSorted());
  });

  it('are refused at once where our environment does not offer what they use', async () => {
    const refused = verdicts.filter(({ verdict }) => verdict.kind === 'refused').map(({ name }) => name);
    const list = `${refused.toSorted().join('\n')}\n`;
    await expect(list).toMatchFileSnapshot(join(import.meta.dirname, '../fixtures/cel/refused.txt'));
  });

  it.each(['conversions', 'integer_math', 'string', 'timestamps', 'plumbing', 'bindings_ext'])(
    'agree in the suite %s in more than nine of ten cases',
    (suite) => {
      const ofSuite = verdicts.filter((each) => each.suite === suite);
      const agreeing = ofSuite.filter(({ verdict }) => verdict.kind === 'agrees');
      expect(agreeing.length / ofSuite.length).toBeGreaterThan(0.9);
    },
  );

  it('are more than a thousand that agree', () => {
    expect(verdicts.filter(({ verdict }) => verdict.kind === 'agrees').length).toBeGreaterThan(1000);
  });
});

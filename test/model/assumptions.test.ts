/** What the promise rests on: without it there is no promise, and with it there is. */
import { describe, expect, it } from 'vitest';
import { BROKEN_ASSUMPTIONS, withAssumption } from './assumptions.ts';
import { DECISION_CODE } from './decision-code.ts';
import { explore } from './explorer.ts';
import { assumptionRow, readReport } from './report.ts';

describe.each(BROKEN_ASSUMPTIONS)('$assumption: where $broken', (brokenAssumption) => {
  it('a promise is broken', async () => {
    const { violation } = explore(DECISION_CODE, brokenAssumption.setting);
    expect(violation?.promise).toMatch(/^S[1-4]: /);
    expect(await readReport(), 'docs/mutations.md is stale: npm run generate').toContain(
      assumptionRow(brokenAssumption, violation),
    );
  });

  it('and every promise is kept where only this does not happen', () => {
    const { states, violation } = explore(DECISION_CODE, withAssumption(brokenAssumption));
    expect(violation).toBeNull();
    expect(states).toBeGreaterThan(1);
  });
});

it('every assumption is broken somewhere', () => {
  expect(new Set(BROKEN_ASSUMPTIONS.map(({ assumption }) => assumption))).toEqual(
    new Set(['A1', 'A2', 'A3', 'A4']),
  );
});

import { describe, expect, it } from 'vitest';
import { allProblems } from '../../../../lib/config/check-configuration.ts';
import { loadConfigText } from '../../../../lib/config/load-config.ts';
import { exampleText } from '../../../../scripts/configuration/problem-examples.ts';

function load(logs: string) {
  return loadConfigText(exampleText({ logs }), 'sluice.yaml');
}

function outcomesOf(logs: string): unknown {
  const loaded = load(logs);
  return loaded.ok ? loaded.config.logs.outcomes : allProblems(loaded);
}

describe('logs.outcomes', () => {
  it('is a line for each event by default, for exceptions, or for a share', () => {
    expect(outcomesOf('{}')).toEqual({ kind: 'all' });
    expect(outcomesOf('{ outcomes: all }')).toEqual({ kind: 'all' });
    expect(outcomesOf('{ outcomes: exceptions }')).toEqual({ kind: 'exceptions' });
    expect(outcomesOf('{ outcomes: { sampled: 1% } }')).toEqual({ kind: 'sampled', share: 0.01 });
    expect(outcomesOf('{ outcomes: { sampled: 0.05% } }')).toEqual({ kind: 'sampled', share: 0.0005 });
  });

  it.each([
    ['{ outcomes: some }', 'unknown-value', /all, exceptions/],
    ['{ outcomes: { sampled: 1 } }', 'missing-unit', /1%/],
    ['{ outcomes: { sampled: 0% } }', 'out-of-range', /0\.0001% to 100%/],
    ['{ outcomes: { sampled: 101% } }', 'invalid-percentage', /1% or 0\.1%/],
    ['{ outcomes: { sample: 1% } }', 'unknown-field', /sampled/],
    ['{ outcomes: { sampled: 1%, of: created } }', 'unknown-field', /known here: sampled/],
  ])('refuses %s, and says what to write', (logs, code, fix) => {
    const [problem] = allProblems(load(logs));
    expect(problem).toMatchObject({ code });
    expect(problem?.fix).toMatch(fix);
  });
});

import { describe, expect, it } from 'vitest';
import { pathText } from '../../../../lib/config/issues/config-issue.ts';
import { PROBLEM_CODES, severityOf } from '../../../../lib/config/issues/problem-codes.ts';
import { exampleProblems, PROBLEM_EXAMPLES } from '../../../../scripts/configuration/problem-examples.ts';

describe('problems', () => {
  // docs/configuration.md shows the whole message of each, and is compared with what is generated.
  it.each(Object.entries(PROBLEM_EXAMPLES))(
    'the example of %s has that problem and no other',
    (code, example) => {
      expect(exampleProblems(example).map((problem) => problem.code)).toEqual([code]);
    },
  );

  it('each problem code has a severity and a meaning', () => {
    for (const [severity, meaning] of Object.values(PROBLEM_CODES)) {
      expect(['error', 'warning']).toContain(severity);
      expect(meaning).toMatch(/^[A-Z].+[.?]$/);
    }
    expect(severityOf('source-without-route')).toBe('warning');
  });

  it('pathText writes paths as they are read', () => {
    expect(pathText(['routes', 'work', 'run', 'tags', 2])).toBe('routes.work.run.tags[2]');
    expect(pathText([])).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { tallyOf } from '../../../scripts/suite/vitest-project.ts';

function report(passed: number, failed: number, pending = 0, todo = 0): string {
  return JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: todo,
    testResults: [],
  });
}

describe('tallyOf', () => {
  it('counts what the report says', () => {
    expect(tallyOf(report(5, 2, 3, 1), false)).toEqual({ passed: 5, failed: 2, skipped: 4 });
    expect(tallyOf(report(5, 0), true)).toEqual({ passed: 5, failed: 0, skipped: 0 });
  });

  it('fails a project that ran no test', () => {
    expect(tallyOf(report(0, 0), true).failed).toBe(1);
    expect(tallyOf(report(0, 0, 7), true).failed).toBe(1);
  });

  it('fails a run that failed though each of its tests passed', () => {
    expect(tallyOf(report(5, 0), false)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it('fails a run that left no report', () => {
    expect(tallyOf(null, true).failed).toBe(1);
  });

  it('refuses a report of another shape rather than to count nothing', () => {
    expect(() => tallyOf('{"tests": 5}', true)).toThrow();
  });
});

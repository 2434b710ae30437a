/** Runs one vitest project in a process of its own and counts what it ran. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { localFolder } from '../stack/paths.ts';
import { runVisibly } from './run-program.ts';
import { oneFailed, sum, type Tally } from './tally.ts';

/** What is read of vitest's JSON report (https://vitest.dev/guide/reporters.html#json-reporter). */
const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

export async function runVitestProject(project: string): Promise<Tally> {
  const reportsFolder = join(localFolder, 'reports');
  mkdirSync(reportsFolder, { recursive: true });
  const reportFile = join(reportsFolder, `${project}.json`);
  rmSync(reportFile, { force: true });
  const succeeded = await runVisibly('vitest', [
    ...['run', '--project', project, '--reporter', 'default'],
    ...['--reporter', 'json', `--outputFile.json=${reportFile}`],
  ]);
  return tallyOf(readReport(reportFile), succeeded);
}

/**
 * A run that failed without a failed test (a file that does not load, a part that does not start, an
 * unhandled error) counts as one failure, and so does a project that ran no test.
 */
export function tallyOf(reportText: string | null, succeeded: boolean): Tally {
  if (reportText === null) return oneFailed;
  const report = Report.parse(JSON.parse(reportText));
  const counted: Tally = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const ranNone = counted.passed + counted.failed === 0;
  return counted.failed === 0 && (ranNone || !succeeded) ? sum([counted, oneFailed]) : counted;
}

function readReport(reportFile: string): string | null {
  try {
    return readFileSync(reportFile, 'utf8');
  } catch {
    return null;
  }
}

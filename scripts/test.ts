/**
 * `npm test`: runs all checks, then all vitest projects or the named ones (`npm test -- unit infra`). It continues after
 * a failure, so that one run shows everything, and ends with the closing line.
 */
import { checks, runCheck } from './suite/check.ts';
import { checkGeneratedFiles } from './suite/generated-files.ts';
import { closingLine, sum, type Tally } from './suite/tally.ts';
import { runVitestProject } from './suite/vitest-project.ts';
import { readWorkTree, reportUnchanged } from './suite/work-tree.ts';

/** The projects from the quickest to the slowest. From `contract` on, each starts the services that it needs. */
const projects = ['unit', 'infra', 'contract', 'integration', 'e2e'] as const;

const requested = process.argv.slice(2);
const unknown = requested.filter((name) => !projects.some((project) => project === name));
if (unknown.length > 0) {
  console.error(`Unknown test project ${unknown.join(', ')}; choose from ${projects.join(', ')}.`);
  process.exit(2);
}

const startedAtMs = performance.now();
const tallies: Tally[] = [await checkGeneratedFiles()];
tallies.push(...(await Promise.all(checks.map(runCheck))));

const beforeTests = await readWorkTree();
const counts: string[] = [];
for (const project of projects.filter((name) => requested.length === 0 || requested.includes(name))) {
  const tally = await runVitestProject(project);
  tallies.push(tally);
  counts.push(`${project} tests: ${closingLine(tally)}`);
}
const title = 'the tests left the work tree as it was';
tallies.push(
  reportUnchanged(title, beforeTests, await readWorkTree(), 'make the test write to a temporary folder'),
);

console.log(`${counts.join('\n')}\n${((performance.now() - startedAtMs) / 1000).toFixed(0)} s in all`);
const total = sum(tallies);
console.log(closingLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;

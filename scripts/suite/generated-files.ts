/**
 * Files that are generated from the configuration model and committed: generating them again must change nothing. What
 * `npm run generate` writes besides, docs/mutations.md, is compared by the tests of test/model, which explore all of it.
 */
import { reportCheck } from './check.ts';
import { runQuietly } from './run-program.ts';
import type { Tally } from './tally.ts';
import { readWorkTree, reportUnchanged } from './work-tree.ts';

const title = 'generated files are fresh';

/** The files are left as they were generated, so that there is nothing to mend but to commit them. */
export async function checkGeneratedFiles(): Promise<Tally> {
  const before = await readWorkTree();
  const { succeeded, output } = await runQuietly('npm', ['run', '--silent', 'generate:configuration']);
  if (!succeeded) return reportCheck(title, { output, mend: 'npm run generate, to see more' });
  return reportUnchanged(title, before, await readWorkTree(), 'commit what `npm run generate` has written');
}

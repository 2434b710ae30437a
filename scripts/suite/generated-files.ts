/**
 * Checks files that are generated from the configuration model and committed: generating them again must change nothing.
 * docs/mutations.md, which `npm run generate` also writes, is compared by the tests in test/model, which explore the model.
 */
import { reportCheck } from './check.ts';
import { runQuietly } from './run-program.ts';
import type { Tally } from './tally.ts';
import { readWorkTree, reportUnchanged } from './work-tree.ts';

const title = 'generated files are fresh';

/** Generate the files and leave them in place, so that the fix is to commit them. */
export async function checkGeneratedFiles(): Promise<Tally> {
  const before = await readWorkTree();
  const { succeeded, output } = await runQuietly('npm', ['run', '--silent', 'generate:configuration']);
  if (!succeeded) return reportCheck(title, { output, fix: 'npm run generate shows more' });
  return reportUnchanged(
    title,
    before,
    await readWorkTree(),
    'commit the files that `npm run generate` has written',
  );
}

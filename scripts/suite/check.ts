/** Checks that run one program each: formatting, types, lint, import rules, links, spelling. */
import { runQuietly } from './run-program.ts';
import { oneFailed, onePassed, type Tally } from './tally.ts';

export interface Check {
  readonly title: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** The command that fixes a failure, or shows more of it. */
  readonly fix: string;
}

export const checks: readonly Check[] = [
  { title: 'formatting', command: ['prettier', '--check', '.'], fix: 'npm run format' },
  { title: 'types', command: ['tsc'], fix: 'npm run check:types' },
  { title: 'lint', command: ['eslint', '--max-warnings', '0', '.'], fix: 'npx eslint --fix .' },
  {
    title: 'import rules',
    command: ['npm', 'run', '--silent', 'check:architecture'],
    fix: 'npm run check:architecture shows the rule, ARCHITECTURE.md the reason',
  },
  {
    title: 'links',
    command: ['npm', 'run', '--silent', 'check:links'],
    fix: 'npm run check:links',
  },
  {
    title: 'spelling',
    command: ['npm', 'run', '--silent', 'check:spelling'],
    fix: 'correct the word, or add it to .cspell/words.txt',
  },
];

export async function runCheck({ title, command, fix }: Check): Promise<Tally> {
  const [program, ...args] = command;
  const { succeeded, output } = await runQuietly(program, args);
  return reportCheck(title, succeeded ? null : { output, fix });
}

export function reportCheck(
  title: string,
  failure: { readonly output: string; readonly fix: string } | null,
): Tally {
  if (failure === null) {
    console.log(`✓ ${title}`);
    return onePassed;
  }
  console.log(`✗ ${title}\n${failure.output.trimEnd()}\n  Fix: ${failure.fix}`);
  return oneFailed;
}

/** Checks that are one program each: formatting, types, lint, import rules. */
import { runQuietly } from './run-program.ts';
import { oneFailed, onePassed, type Tally } from './tally.ts';

export interface Check {
  readonly title: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** What a person types to mend it, or to see more. */
  readonly mend: string;
}

export const checks: readonly Check[] = [
  { title: 'formatting', command: ['prettier', '--check', '.'], mend: 'npm run format' },
  { title: 'types', command: ['tsc'], mend: 'npm run check:types' },
  { title: 'lint', command: ['eslint', '--max-warnings', '0', '.'], mend: 'npx eslint --fix .' },
  {
    title: 'import rules',
    command: ['npm', 'run', '--silent', 'check:architecture'],
    mend: 'npm run check:architecture, and ARCHITECTURE.md for why',
  },
];

export async function runCheck({ title, command, mend }: Check): Promise<Tally> {
  const [program, ...args] = command;
  const { succeeded, output } = await runQuietly(program, args);
  return reportCheck(title, succeeded ? null : { output, mend });
}

export function reportCheck(
  title: string,
  failure: { readonly output: string; readonly mend: string } | null,
): Tally {
  if (failure === null) {
    console.log(`✓ ${title}`);
    return onePassed;
  }
  console.log(`✗ ${title}\n${failure.output.trimEnd()}\n  To mend it: ${failure.mend}`);
  return oneFailed;
}

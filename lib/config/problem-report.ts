/** Problems as text: the same from `sluice validate`, from synth and in tests. */
import type { Problem } from './problem.ts';

/** One line: `file:line:column code path: found … — fix`. */
export function reportProblem(problem: Problem): string {
  const { code, severity, path, position, found, fix } = problem;
  const place = position === null ? '' : `${position.file}:${position.line}:${position.column} `;
  const label = severity === 'warning' ? `warning ${code}` : code;
  const where = path === '' ? '' : ` ${path}`;
  return `${place}${label}${where}: found ${found} — ${fix}`;
}

/** One line each, and a count. */
export function reportProblems(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const count = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  return [...problems.map(reportProblem), count].join('\n');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Problems as text: the same from `sluice validate`, from synth and in tests. */
import type { Position, Problem } from './problem.ts';

/** Write one line: `file:line:column code path: found … — fix`. */
export function reportProblem(problem: Problem): string {
  const { code, severity, path, position, found, fix } = problem;
  const place = position === null ? '' : `${position.file}:${position.line}:${position.column} `;
  const label = severity === 'warning' ? `warning ${code}` : code;
  const where = path === '' ? '' : ` ${path}`;
  return `${place}${label}${where}: found ${found} — ${fix}`;
}

/** Write a line for each problem, the excerpt of the file below it if there is one, and a count. */
export function reportProblems(
  problems: readonly Problem[],
  excerptAt: (position: Position) => string | null = () => null,
): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const count = `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  const reports = problems.map((problem) => {
    const excerpt = problem.position === null ? null : excerptAt(problem.position);
    return excerpt === null ? reportProblem(problem) : `${reportProblem(problem)}\n${excerpt}`;
  });
  return [...reports, count].join('\n');
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

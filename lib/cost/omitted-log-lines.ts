/** States what the log of a configuration cannot say any more, because lines are left out to save their cost. */
import type { CompiledLogs } from '../compiled-config/compiled.ts';

/** Null if every event and every request has a line. */
export function describeOmittedLogLines({ level, outcomes }: CompiledLogs): string | null {
  if (level === 'WARN' || level === 'ERROR') {
    return describe(`logs.level is ${level.toLowerCase()}`, 'of no event that went well');
  }
  switch (outcomes.kind) {
    case 'all':
      return null;
    case 'exceptions':
      return describe('logs.outcomes is exceptions', 'of no event that went well');
    case 'sampled':
      return describe(
        `logs.outcomes is sampled: ${percentText(outcomes.share)}`,
        `of ${percentText(outcomes.share)} of the events that went well`,
      );
  }
}

function describe(setting: string, of: string): string {
  return (
    `${setting}: the log says ${of} what became of it (created, duplicate, filtered). Metrics count all of them, the ` +
    'table still deduplicates them; retries, dead letters and refused requests are logged as before.'
  );
}

export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`;
}

/** Cross-field rules for EventBridge sources: what holds for one of the two kinds of buses only. */
import type { ConfigIssue } from '../issues/config-issue.ts';
import type { Named } from '../valid-parts.ts';
import { classicPatternProblem, type EventPattern } from './event-pattern.ts';
import { isCustomBus } from './model.ts';

interface BusSource {
  readonly bus: string | null;
  readonly pattern: EventPattern | null;
  readonly metadata?: EventPattern | null | undefined;
}

export function eventBridgeRules({ name, part: source }: Named<BusSource>): readonly ConfigIssue[] {
  const bus = source?.bus ?? null;
  if (source === null || bus === null || isCustomBus(bus)) return [];
  const { pattern, metadata = null } = source;
  const problem = pattern === null ? null : classicPatternProblem(pattern);
  const at = ['sources', name];
  return [
    ...(problem === null
      ? []
      : [
          {
            code: problem.code,
            at: [...at, 'pattern'],
            anchor: 'value',
            found: problem.found,
            fix: problem.fix,
          } as const,
        ]),
    ...(metadata === null
      ? []
      : [
          {
            code: 'metadata-needs-custom-bus',
            at: [...at, 'metadata'],
            anchor: 'key',
            found: `metadata of the bus ${bus}`,
            fix: 'remove it: only events of a custom bus of AWS::EventsV2 have metadata',
          } as const,
        ]),
  ];
}

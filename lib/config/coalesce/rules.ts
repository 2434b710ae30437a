/** Cross-field rules for the times of a coalescing mode. */
import type { ConfigIssue, ProblemPath } from '../issues/config-issue.ts';
import { durationText } from '../scalars/duration.ts';
import type { Valid } from '../valid-parts.ts';
import type { CoalesceConfiguration } from './model.ts';

/** A sliding window is read pane by pane when it is flushed. */
const MAX_PANES = 100;

export function coalesceRules(route: string, coalesce: Valid<CoalesceConfiguration>): readonly ConfigIssue[] {
  const at = ['routes', route, 'coalesce'];
  if (coalesce.mode === 'window') return endRules(coalesce, at);
  if (coalesce.mode === 'debounce') return quietRule(coalesce, at);
  return coalesce.mode === 'sliding' ? slidingRules(coalesce, at) : [];
}

type ModeOf<Mode> = Extract<Valid<CoalesceConfiguration>, { mode: Mode }>;

/** A window ends so long after its first event, or by the clock. */
function endRules(
  { maxWait, at: cron, zone, bypassWhen }: ModeOf<'window'>,
  at: ProblemPath,
): readonly ConfigIssue[] {
  if (cron === undefined && maxWait === undefined) {
    const fix = 'add it, for example maxWait: 1m';
    return [{ code: 'missing-field', at: [...at, 'maxWait'], anchor: 'key', found: 'nothing', fix }];
  }
  const beside = (field: string, found: string, fix: string): ConfigIssue => ({
    code: 'window-has-two-ends',
    at: [...at, field],
    anchor: 'key',
    found,
    fix,
  });
  return [
    ...(cron !== undefined && maxWait !== undefined
      ? [beside('maxWait', 'maxWait beside at', 'remove one of them')]
      : []),
    ...(cron !== undefined && bypassWhen !== undefined
      ? [
          beside(
            'bypassWhen',
            'bypassWhen beside at, by which windows end by the clock alone',
            'remove it, or give urgent events a route of their own',
          ),
        ]
      : []),
    ...(cron === undefined && zone !== undefined
      ? [beside('zone', 'zone without at', 'remove it, or write at in place of maxWait')]
      : []),
  ];
}

function quietRule(
  { quiet: quietSeconds, maxWait: maxWaitSeconds }: ModeOf<'debounce'>,
  at: ProblemPath,
): readonly ConfigIssue[] {
  if (quietSeconds === null || maxWaitSeconds === null || maxWaitSeconds >= quietSeconds) return [];
  const quiet = durationText(quietSeconds);
  const maxWait = durationText(maxWaitSeconds);
  return [
    {
      code: 'wait-shorter-than-quiet',
      at: [...at, 'maxWait'],
      anchor: 'value',
      found: `${maxWait}, less than quiet (${quiet})`,
      fix: `write ${quiet} or more, or a quiet of at most ${maxWait}`,
    },
  ];
}

function slidingRules(
  { size: sizeSeconds, every: everySeconds }: ModeOf<'sliding'>,
  at: ProblemPath,
): readonly ConfigIssue[] {
  if (sizeSeconds === null || everySeconds === null) return [];
  const size = durationText(sizeSeconds);
  const every = durationText(everySeconds);
  const atEvery = { at: [...at, 'every'], anchor: 'value' } as const;
  if (everySeconds >= sizeSeconds) {
    return [
      {
        code: 'windows-do-not-overlap',
        ...atEvery,
        found: `${every} beside a size of ${size}`,
        fix: `write less than ${size}, or mode: window with a maxWait, whose windows do not overlap`,
      },
    ];
  }
  const issues: ConfigIssue[] = [];
  if (sizeSeconds % everySeconds !== 0) {
    const below = Math.floor(sizeSeconds / everySeconds) * everySeconds;
    const sizes = [below, below + everySeconds].filter((seconds) => seconds > everySeconds);
    issues.push({
      code: 'every-must-divide-size',
      ...atEvery,
      found: `${every}, which does not divide the size of ${size}`,
      fix: `write one that does, or a size of ${sizes.map(durationText).join(' or ')}`,
    });
  }
  if (sizeSeconds / everySeconds > MAX_PANES) {
    const longest = durationText(Math.ceil(sizeSeconds / MAX_PANES));
    issues.push({
      code: 'too-many-windows',
      ...atEvery,
      found: `${every}: ${Math.ceil(sizeSeconds / everySeconds)} windows for each event`,
      fix: `write ${longest} or more, or a size of at most ${durationText(everySeconds * MAX_PANES)}`,
    });
  }
  return issues;
}

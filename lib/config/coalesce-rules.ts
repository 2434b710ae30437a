/** What the times of a coalescing mode must not say about each other. */
import { durationText } from './model/duration.ts';
import type { ConfigIssue, ProblemPath } from './problem.ts';
import type { SoundCoalesce } from './sound-coalesce.ts';
import type { SoundRoute } from './sound-parts.ts';

/** A sliding window is read pane by pane when it is flushed. */
const MAX_PANES = 100;

export function coalesceRules({ name, coalesce }: SoundRoute): readonly ConfigIssue[] {
  const at = ['routes', name, 'coalesce'];
  switch (coalesce?.mode) {
    case 'debounce':
      return quietRule(coalesce, at);
    case 'sliding':
      return slidingRules(coalesce, at);
    case 'window':
    case undefined:
      return [];
  }
}

type Of<Mode> = Extract<SoundCoalesce, { mode: Mode }>;

function quietRule(
  { quietSeconds, maxWaitSeconds }: Of<'debounce'>,
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

function slidingRules({ sizeSeconds, everySeconds }: Of<'sliding'>, at: ProblemPath): readonly ConfigIssue[] {
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
  const findings: ConfigIssue[] = [];
  if (sizeSeconds % everySeconds !== 0) {
    const below = Math.floor(sizeSeconds / everySeconds) * everySeconds;
    const sizes = [below, below + everySeconds].filter((seconds) => seconds > everySeconds);
    findings.push({
      code: 'every-must-divide-size',
      ...atEvery,
      found: `${every}, which does not divide the size of ${size}`,
      fix: `write one that does, or a size of ${sizes.map(durationText).join(' or ')}`,
    });
  }
  if (sizeSeconds / everySeconds > MAX_PANES) {
    findings.push({
      code: 'too-many-windows',
      ...atEvery,
      found: `${every}: ${Math.ceil(sizeSeconds / everySeconds)} windows for each event`,
      fix: `write ${durationText(Math.ceil(sizeSeconds / MAX_PANES))} or more, or a size of at most ${durationText(everySeconds * MAX_PANES)}`,
    });
  }
  return findings;
}

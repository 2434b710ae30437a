/** Rules between `run` and the rest of its route. */
import { parseRunExpression } from '../../expressions/expression.ts';
import type { CoalesceConfiguration } from '../coalesce/model.ts';
import type { ConfigIssue, ProblemPath } from '../issues/config-issue.ts';
import type { Valid } from '../valid-parts.ts';
import { runExpressionsOf } from './expressions.ts';
import type { RunConfiguration } from './model.ts';

const MAX_TAGS = 10;

/** Job variables that decide what is executed, or as whom. */
const POWERFUL_JOB_VARIABLES: ReadonlySet<string> = new Set([
  'command',
  'entrypoint',
  'execution_role_arn',
  'image',
  'namespace',
  'service_account',
  'service_account_name',
  'task_definition_arn',
  'task_role_arn',
  'working_dir',
]);

export function runRules(
  route: string,
  run: Valid<RunConfiguration>,
  coalesce: Valid<CoalesceConfiguration> | null,
): readonly ConfigIssue[] {
  return [
    ...tagRules(run.tags ?? [], ['routes', route, 'run', 'tags']),
    ...(coalesce === null ? [] : variableRules(route, run, coalesce)),
    ...jobVariableRules(run.jobVariables ?? {}, ['routes', route, 'run', 'jobVariables']),
  ];
}

function tagRules(
  tags: NonNullable<Valid<RunConfiguration>['tags']>,
  at: ProblemPath,
): readonly ConfigIssue[] {
  const issues = tags.flatMap((tag, index): ConfigIssue[] => {
    if (typeof tag !== 'string' || tags.indexOf(tag) === index) return [];
    const found = `the tag ${tag} a second time`;
    return [{ code: 'invalid-tag', at: [...at, index], anchor: 'value', found, fix: 'remove it' }];
  });
  if (tags.length <= MAX_TAGS) return issues;
  // Each tag becomes a related resource of Prefect's state event, which has room for 100 in all.
  const fix = `keep at most ${MAX_TAGS}`;
  return [...issues, { code: 'too-many-tags', at, anchor: 'value', found: `${tags.length} tags`, fix }];
}

/** `event` is there where a run has one event, `window` where its events were collected in one. */
function variableRules(
  route: string,
  run: Valid<RunConfiguration>,
  coalesce: Valid<CoalesceConfiguration>,
): readonly ConfigIssue[] {
  return runExpressionsOf(route, run).flatMap(({ at, text }): ConfigIssue[] => {
    const parsed = parseRunExpression(text);
    if (!parsed.ok) return [];
    const { variables } = parsed.expression;
    const event = coalesce.mode === 'none' ? undefined : variables.get('event');
    const window = hasWindows(coalesce) ? undefined : variables.get('window');
    const where = { at, anchor: 'value' } as const;
    return [
      ...(event === undefined
        ? []
        : [
            {
              ...where,
              code: 'event-not-in-mode' as const,
              offset: event,
              found: `event beside mode ${coalesce.mode}, whose runs may have many`,
              fix: 'write events, a list: events.map(e, …), events[0] or events.all(e, …)',
            },
          ]),
      ...(window === undefined
        ? []
        : [
            {
              ...where,
              code: 'window-not-in-mode' as const,
              offset: window,
              found: `window beside mode ${coalesce.mode}, which collects nothing in windows`,
              fix: 'remove it, or write mode: window, debounce or sliding with a wait',
            },
          ]),
    ];
  });
}

/** Without a wait mode `window` is mode `invocation`. */
function hasWindows(coalesce: Valid<CoalesceConfiguration>): boolean {
  if (coalesce.mode === 'none' || coalesce.mode === 'invocation') return false;
  return coalesce.mode !== 'window' || coalesce.maxWait !== 0;
}

function jobVariableRules(
  jobVariables: NonNullable<Valid<RunConfiguration>['jobVariables']>,
  at: ProblemPath,
): readonly ConfigIssue[] {
  return Object.entries(jobVariables).flatMap(([name, variable]): ConfigIssue[] => {
    const text = typeof variable === 'string' ? variable : variable?.value;
    const hasList = typeof variable === 'object' && variable?.allow !== undefined;
    if (!POWERFUL_JOB_VARIABLES.has(name) || hasList || typeof text !== 'string') return [];
    const parsed = parseRunExpression(text);
    if (!parsed.ok || parsed.expression.variables.size === 0) return [];
    return [
      {
        code: 'allow-list-missing',
        at: [...at, name],
        anchor: 'value',
        found: `events that choose ${name}, and so what is executed or as whom`,
        fix: `write ${name}: { value: …, allow: […] } with the values that it may have`,
      },
    ];
  });
}

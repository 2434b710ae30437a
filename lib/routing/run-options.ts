/** What a flow run is given besides its parameters: its name, tags, work queue, start and job variables. */
import type {
  CompiledJobVariable,
  CompiledRunOptions,
  CompiledStart,
  CompiledWorkQueue,
} from '../compiled-config/compiled-run-options.ts';
import type { Rejection } from '../event/record.ts';
import { parseRunExpression, type RunExpression, type RunSubject } from '../expressions/expression.ts';
import { StaleConfigurationError } from './parameters.ts';
import { jobVariableText, queueIn, startOf, tagsOf, textOf, type RunStart } from './run-option-values.ts';

type Evaluated<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

type Source<Value> = (subject: RunSubject) => Evaluated<Value>;

/** The options of a route, with their expressions parsed. */
export interface RunOptionTemplates {
  readonly name: Source<string>;
  readonly tags: readonly Source<readonly string[]>[];
  readonly workQueue: Source<string | null>;
  readonly start: Source<RunStart | null>;
  readonly jobVariables: ReadonlyMap<string, Source<string>>;
}

export interface RunOptions {
  /** Null: named after the route and the events. */
  readonly name: string | null;
  readonly tags: readonly string[];
  /** Null: the queue of the deployment. */
  readonly workQueue: string | null;
  /** Null: at once. */
  readonly start: RunStart | null;
  /** JSON text of an object of texts and numbers; null when there are none. */
  readonly jobVariablesJson: string | null;
}

export type EvaluatedRunOptions = Evaluated<RunOptions>;

/** The run of a route that has no options. */
export const NO_RUN_OPTIONS: RunOptions = {
  name: null,
  tags: [],
  workQueue: null,
  start: null,
  jobVariablesJson: null,
};

/** Enough for people to filter by; each becomes a related resource of Prefect's events, which have room for a hundred. */
const MAX_CHOSEN_TAGS = 20;

/** Parse the expressions of a compiled configuration, which were checked when it was compiled. */
export function parseRunOptions(options: CompiledRunOptions): RunOptionTemplates {
  return {
    name: options.name === null ? fixed('') : chosen('name', options.name, textOf),
    tags: options.tagExpressions.map((text) => chosen('tags', text, tagsOf)),
    workQueue: workQueueSource(options.workQueue),
    start: startSource(options.after),
    jobVariables: new Map(
      Object.entries(options.jobVariables).map(([name, variable]) => [name, jobVariable(name, variable)]),
    ),
  };
}

/** Evaluate all options, or return the first reason why one of them cannot be used. */
export function evaluateRunOptions(templates: RunOptionTemplates, subject: RunSubject): EvaluatedRunOptions {
  const name = templates.name(subject);
  if (name.kind === 'rejected') return name;
  const tags = new Set<string>();
  for (const source of templates.tags) {
    const found = source(subject);
    if (found.kind === 'rejected') return found;
    for (const tag of found.value) if (tags.size < MAX_CHOSEN_TAGS) tags.add(tag);
  }
  const workQueue = templates.workQueue(subject);
  if (workQueue.kind === 'rejected') return workQueue;
  const start = templates.start(subject);
  if (start.kind === 'rejected') return start;
  const variables: string[] = [];
  for (const [variable, source] of templates.jobVariables) {
    const found = source(subject);
    if (found.kind === 'rejected') return found;
    variables.push(`${JSON.stringify(variable)}:${found.value}`);
  }
  return {
    kind: 'value',
    value: {
      name: name.value === '' ? null : name.value,
      tags: [...tags],
      workQueue: workQueue.value,
      start: start.value,
      jobVariablesJson: variables.length === 0 ? null : `{${variables.join(',')}}`,
    },
  };
}

function workQueueSource(workQueue: CompiledWorkQueue | null): Source<string | null> {
  if (workQueue === null) return fixed(null);
  if (workQueue.kind === 'fixed') return fixed(workQueue.queue);
  const { expression, allow } = workQueue;
  return chosen('workQueue', expression, (value) => queueIn(value, allow));
}

function startSource(after: CompiledStart | null): Source<RunStart | null> {
  if (after === null) return fixed(null);
  if (after.kind === 'delay') return fixed({ kind: 'delay', delayMs: after.delaySeconds * 1_000 });
  const { expression, atMostSeconds } = after;
  return chosen('after', expression, (value) => startOf(value, atMostSeconds * 1_000));
}

function jobVariable(name: string, { expression, allow }: CompiledJobVariable): Source<string> {
  return chosen(`jobVariables.${name}`, expression, (value) => jobVariableText(value, allow));
}

function fixed<Value>(value: Value): Source<Value> {
  return () => ({ kind: 'value', value });
}

/** A value that an expression yields, read by a function that returns a rejection for what cannot be used. */
function chosen<Value>(
  field: string,
  text: string,
  read: (value: unknown) => Evaluated<Value>,
): Source<Value> {
  const expression = parsed(field, text);
  return (subject) => {
    const evaluated = expression.evaluate(subject);
    const found: Evaluated<Value> = evaluated.ok
      ? read(evaluated.value)
      : { kind: 'rejected', rejection: { code: evaluated.code, detail: evaluated.message } };
    if (found.kind === 'value') return found;
    const { code, detail } = found.rejection;
    return { kind: 'rejected', rejection: { code, detail: `run.${field}: ${detail}` } };
  };
}

function parsed(field: string, text: string): RunExpression {
  const result = parseRunExpression(text);
  if (result.ok) return result.expression;
  throw new StaleConfigurationError(`run.${field}: ${result.message}; redeploy`);
}

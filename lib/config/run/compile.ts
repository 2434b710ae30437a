/** Compile `run`. */
import type { CompiledParameter, CompiledRun } from '../../compiled-config/compiled.ts';
import type {
  CompiledJobVariable,
  CompiledRunOptions,
  CompiledStart,
  CompiledWorkQueue,
} from '../../compiled-config/compiled-run-options.ts';
import type { RunConfiguration } from './model.ts';

export function compileRun(run: RunConfiguration): CompiledRun {
  const [flow = '', deployment = ''] = run.deployment.split('/');
  const { templateMarkers, overflow } = run;
  const tags = run.tags.filter((tag) => typeof tag === 'string');
  const parameters = compileParameters(run.parameters);
  const options = compileOptions(run);
  return {
    flow,
    deployment,
    parameters,
    templateMarkers,
    overflow,
    tags,
    ...(hasOptions(options) && { options }),
  };
}

function compileParameters(
  parameters: RunConfiguration['parameters'],
): Readonly<Record<string, CompiledParameter>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]): [string, CompiledParameter] => [
      name,
      typeof parameter === 'string'
        ? { expression: parameter, as: 'json' }
        : { expression: parameter.value, as: parameter.as },
    ]),
  );
}

function compileOptions({
  name,
  tags,
  workQueue,
  after,
  jobVariables,
}: RunConfiguration): CompiledRunOptions {
  return {
    name: name ?? null,
    tagExpressions: tags.flatMap((tag) => (typeof tag === 'string' ? [] : [tag.value])),
    workQueue: workQueue === undefined ? null : compileWorkQueue(workQueue),
    after: after === undefined ? null : compileStart(after),
    jobVariables: Object.fromEntries(
      Object.entries(jobVariables ?? {}).map(([variable, value]): [string, CompiledJobVariable] => [
        variable,
        typeof value === 'string'
          ? { expression: value, allow: null }
          : { expression: value.value, allow: value.allow ?? null },
      ]),
    ),
  };
}

function compileWorkQueue(workQueue: NonNullable<RunConfiguration['workQueue']>): CompiledWorkQueue {
  return typeof workQueue === 'string'
    ? { kind: 'fixed', queue: workQueue }
    : { kind: 'chosen', expression: workQueue.value, allow: workQueue.allow };
}

function compileStart(after: NonNullable<RunConfiguration['after']>): CompiledStart {
  return typeof after === 'number'
    ? { kind: 'delay', delaySeconds: after }
    : { kind: 'chosen', expression: after.value, atMostSeconds: after.atMost };
}

function hasOptions({ name, tagExpressions, workQueue, after, jobVariables }: CompiledRunOptions): boolean {
  const isSaid = name !== null || workQueue !== null || after !== null;
  return isSaid || tagExpressions.length > 0 || Object.keys(jobVariables).length > 0;
}

/** Say in sentences what a route does: which events it takes, what is a duplicate, what shares a flow run, what it costs. */
import { isWindowing, type CompiledCoalescing } from '../../lib/compiled-config/compiled-coalescing.ts';
import type { CompiledStart, CompiledWorkQueue } from '../../lib/compiled-config/compiled-run-options.ts';
import type { CompiledRoute } from '../../lib/compiled-config/compiled.ts';
import { durationText } from '../../lib/config/scalars/duration.ts';

export interface Explanation {
  readonly route: string;
  readonly sentences: readonly string[];
}

export function explainRoute(route: CompiledRoute): Explanation {
  return {
    route: route.name,
    sentences: [
      selection(route),
      identity(route),
      ...grouping(route.coalesce),
      run(route),
      ...options(route),
      ...expectation(route),
      cost(route.coalesce),
    ],
  };
}

function selection({ from, when }: CompiledRoute): string {
  const sources = list(from, 'and');
  return when === null
    ? `It takes all events of ${sources}.`
    : `It takes the events of ${sources} for which ${when} is true. An event on which that fails is dead-lettered.`;
}

function identity({ dedupe: { key, retentionSeconds } }: CompiledRoute): string {
  const retention = durationText(retentionSeconds);
  return key === null
    ? `An event is known by the identity that its source gives it: delivered again within ${retention}, it is a duplicate.`
    : `Events with the same value of ${key} are one event: within ${retention} all but the first are duplicates.`;
}

function grouping(coalescing: CompiledCoalescing): readonly string[] {
  if (coalescing.mode === 'none') return ['Each event becomes a flow run of its own, at once.'];
  const { key, maxEvents, maxBytes } = coalescing;
  const which = key === null ? 'Events' : `Events with the same value of ${key}`;
  const caps = `A flow run has at most ${maxEvents} events and ${sizeText(maxBytes)} of data.`;
  return [`${which} ${sharing(coalescing)}`, ...bypass(coalescing), caps];
}

function sharing(coalescing: Exclude<CompiledCoalescing, { mode: 'none' }>): string {
  switch (coalescing.mode) {
    case 'invocation':
      return 'that arrive in one invocation share a flow run, which is created at once.';
    case 'window':
      return `share a flow run, which is created ${durationText(coalescing.maxWaitSeconds)} after the first of them, or when it is full.`;
    case 'clock':
      return `share a flow run, which is created at the times of ${coalescing.at} in ${coalescing.closings.zone}.`;
    case 'debounce':
      return (
        `share a flow run, which is created when none has come for ${durationText(coalescing.quietSeconds)}, ` +
        `at the latest ${durationText(coalescing.maxWaitSeconds)} after the first of them, or when it is full.`
      );
    case 'sliding':
      return (
        `of each ${durationText(coalescing.sizeSeconds)} share a flow run. One is created every ` +
        `${durationText(coalescing.everySeconds)}, so that an event is in ${coalescing.sizeSeconds / coalescing.everySeconds} of them.`
      );
  }
}

function bypass(coalescing: CompiledCoalescing): readonly string[] {
  if (!('bypassWhen' in coalescing) || coalescing.bypassWhen === null) return [];
  return [
    `An event for which ${coalescing.bypassWhen} is true closes the window at once, with itself in it.`,
  ];
}

function run({ run: { flow, deployment, parameters, tags } }: CompiledRoute): string {
  const names = Object.keys(parameters);
  const given = names.length === 0 ? 'without parameters' : `with ${list(names, 'and')}`;
  const tagged = tags.length === 0 ? '' : ` It is tagged ${list(tags, 'and')}.`;
  return `The flow run is one of the deployment ${flow}/${deployment}, ${given}.${tagged}`;
}

function options({ run: { options: given } }: CompiledRoute): readonly string[] {
  if (given === undefined) return [];
  const { name, tagExpressions, workQueue, after, jobVariables } = given;
  const variables = Object.keys(jobVariables);
  return [
    ...(name === null ? [] : [`Its name is ${name}.`]),
    ...(tagExpressions.length === 0 ? [] : [`It is tagged with ${list(tagExpressions, 'and')}, too.`]),
    ...(workQueue === null ? [] : [queue(workQueue)]),
    ...(after === null ? [] : [start(after)]),
    ...(variables.length === 0 ? [] : [`It sets the job variables ${list(variables, 'and')}.`]),
  ];
}

function queue(workQueue: CompiledWorkQueue): string {
  return workQueue.kind === 'fixed'
    ? `It waits in the work queue ${workQueue.queue}.`
    : `It waits in the work queue ${workQueue.expression}, which is ${list(workQueue.allow, 'or')}: any other value is dead-lettered.`;
}

function start(after: CompiledStart): string {
  return after.kind === 'delay'
    ? `It starts ${durationText(after.delaySeconds)} after it was created.`
    : `It starts at ${after.expression}, at most ${durationText(after.atMostSeconds)} later.`;
}

function expectation({ expectWithinSeconds }: CompiledRoute): readonly string[] {
  if (expectWithinSeconds === undefined) return [];
  return [`An alarm fires when nothing has matched it for ${durationText(expectWithinSeconds)}.`];
}

/** As measured by `npm run bench`; docs/performance.md and docs/windows.md have the figures. */
function cost(coalescing: CompiledCoalescing): string {
  const perEvent = isWindowing(coalescing)
    ? 'An event costs a write unit for its claim, and each addition to a window about six more, shared by the events that arrive together.'
    : 'An event costs a write unit of DynamoDB for its claim, and a flow run one more.';
  return `${perEvent} A flow run costs one request to Prefect; duplicates and filtered events cost none.`;
}

function list(words: readonly string[], conjunction: string): string {
  if (words.length <= 1) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1) ?? ''}`;
}

function sizeText(bytes: number): string {
  if (bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}

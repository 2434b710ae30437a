/** What must hold so that a request can be answered with the flow runs of its events: `respond: run`. */
import { durationText } from './model/duration.ts';
import type { ConfigIssue } from './problem.ts';
import { longestWaitSeconds } from './sound-coalesce.ts';
import type { SoundRoute, SoundSource } from './sound-parts.ts';

/** For what comes before the wait (verification, the queue) and after it (a last look, the answer). */
const SECONDS_BESIDE_WAIT = 4;

export function respondRules(source: SoundSource, routes: readonly SoundRoute[]): readonly ConfigIssue[] {
  const { runWaitSeconds } = source;
  if (runWaitSeconds === null) return [];
  return [
    ...timeoutRule(source, runWaitSeconds),
    ...batchWindowRule(source, runWaitSeconds),
    ...routes.flatMap((route) => windowRule(source, route)),
  ];
}

function timeoutRule({ name, timeoutSeconds }: SoundSource, waitSeconds: number): readonly ConfigIssue[] {
  const neededSeconds = waitSeconds + SECONDS_BESIDE_WAIT;
  if (timeoutSeconds === null || timeoutSeconds >= neededSeconds) return [];
  return [
    {
      code: 'respond-wait-too-long',
      at: ['sources', name, 'respond'],
      anchor: 'value',
      found: `a wait of ${durationText(waitSeconds)} beside function.timeout: ${durationText(timeoutSeconds)}`,
      fix: `write function: { timeout: ${durationText(neededSeconds)} } or more, or a shorter maxWait`,
    },
  ];
}

function batchWindowRule({ name, queue }: SoundSource, waitSeconds: number): readonly ConfigIssue[] {
  const batchWindow = queue?.batchWindow;
  if (batchWindow === undefined || batchWindow < waitSeconds) return [];
  return [
    {
      code: 'respond-before-run',
      at: ['sources', name, 'queue', 'batchWindow'],
      anchor: 'value',
      found: `${durationText(batchWindow)}, and requests are answered after ${durationText(waitSeconds)}`,
      fix: 'write less, 0s for the shortest wait, or a longer maxWait under respond',
    },
  ];
}

/** A window outlives the request, and what becomes of its events is known only when it is flushed. */
function windowRule(
  { name }: SoundSource,
  { name: route, from, coalesce }: SoundRoute,
): readonly ConfigIssue[] {
  if (from?.includes(name) !== true || coalesce === null || longestWaitSeconds(coalesce) === 0) return [];
  return [
    {
      code: 'respond-before-run',
      at: ['sources', name, 'respond'],
      anchor: 'value',
      found: `run, and the route ${route} keeps events in windows`,
      fix: `remove it, or give the route ${route} a source of its own`,
    },
  ];
}

/**
 * Decides whether the promise held: every accepted event is in exactly one flow run of each route that it matches (on
 * a sliding route once in every window that covers it), or it is poison and dead-lettered. It judges by what Prefect
 * and the dead-letter queues hold, and knows nothing of how Sluice works.
 */
import { isDeepStrictEqual } from 'node:util';
import { isPoison, keyOf, type EventKey } from './event.ts';
import type { Observation, ObservedDeadLetter, ObservedRun, SentEvent } from './observation.ts';
import { FLOWS, retentionSeconds, runsExpected, SLIDING, type RouteName } from './routes.ts';

export type ViolationKind =
  /** An accepted event is in fewer runs than it has to be, or is poison without a dead letter. */
  | 'lost'
  /** An event is in more runs than it may be, or twice in one. */
  | 'doubled'
  /** A dead letter of an event that Prefect would have taken. */
  | 'wrongly-dead-lettered'
  /** A run holds the event under another version of the route than its deployment belongs to. */
  | 'wrong-version'
  /** A sliding window does not cover the event, or its run was created before the window ended. */
  | 'misplaced'
  /** A run has more events than the cap of its route. */
  | 'over-cap'
  /** The data in the run are not those that were sent. */
  | 'altered'
  /** A run holds an event that was never sent to this route, or a dead letter is about no event that was sent. */
  | 'unexpected';

export interface Violation {
  readonly kind: ViolationKind;
  readonly event: EventKey;
  /** `null`: a dead letter that names no route. */
  readonly route: RouteName | null;
  readonly detail: string;
  /** The last moment that matters for the explanation. */
  readonly untilMs: number;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Pairs of an accepted event and a route that it matches. */
  readonly expectations: number;
  /** Of these, pairs for which the promise was seen to hold. */
  readonly held: number;
  /** Poison that was dead-lettered, as it has to be. */
  readonly poison: number;
  /**
   * Not promised (docs/guarantees.md): a deployment was deleted together with its scheduled runs, and these events
   * were in them. The nemesis deleted the deployment and has seen the runs, so nothing else is counted here.
   */
  readonly deletedWithDeployment: number;
  /**
   * Not promised (docs/guarantees.md, A1): the claim of the event expired before its message was acknowledged, so the
   * redelivery was a new event. Each of their runs was created when the claims of the runs before can have expired.
   */
  readonly outlivedByMessage: number;
}

interface Appearance {
  readonly run: ObservedRun;
  readonly data: unknown;
}

export function check({ sent, runs, deadLetters, deletedRuns }: Observation): Verdict {
  const appearances = appearancesByPair(runs);
  const deleted = appearancesByPair(deletedRuns);
  const deadLettersByEvent = Map.groupBy(deadLetters, ({ installation, eventId }) =>
    keyOf({ installation, id: eventId }),
  );
  const violations: Violation[] = [];
  let expectations = 0;
  let held = 0;
  let poison = 0;
  let deletedWithDeployment = 0;
  let outlivedByMessage = 0;
  const expected = new Set<string>();

  for (const event of sent) {
    for (const route of event.routes) {
      const pair = pairOf(event.key, route);
      expected.add(pair);
      const seen = appearances.get(pair) ?? [];
      const wasDeleted = deleted.has(pair);
      const found = [
        ...checkCount(event, route, seen, wasDeleted),
        ...checkDeadLetters(event, route, deadLettersByEvent.get(event.key) ?? []),
        ...checkAppearances(event, route, seen),
      ];
      violations.push(...found);
      if (event.acceptedAtMs === null) continue;
      expectations++;
      if (found.length > 0) continue;
      if (isPoison(event)) poison++;
      else if (seen.length === 0 && wasDeleted) deletedWithDeployment++;
      else {
        held++;
        if (isOutlived(event, route, seen)) outlivedByMessage++;
      }
    }
  }
  for (const [pair, seen] of appearances) {
    if (!expected.has(pair)) violations.push(...seen.map(unexpected));
  }
  const known = new Set(sent.map(({ key }) => key));
  for (const [key, about] of deadLettersByEvent) {
    if (!known.has(key)) violations.push(...about.map((deadLetter) => unknownDeadLetter(key, deadLetter)));
  }
  violations.push(...runs.flatMap(checkRun));
  return {
    violations,
    expectations,
    held,
    poison,
    deletedWithDeployment,
    outlivedByMessage,
  };
}

function checkCount(
  event: SentEvent,
  route: RouteName,
  seen: readonly Appearance[],
  wasDeleted: boolean,
): readonly Violation[] {
  const wanted = isPoison(event) ? 0 : runsExpected(route);
  const distinctRuns = new Set(seen.map(({ run }) => run.flowRunId)).size;
  // Two runs of one sliding window hold different events, so the window counts, not the run.
  const places = route === 'sliding' ? new Set(seen.map(windowOf)).size : Math.min(distinctRuns, wanted);
  const found: Violation[] = [];
  const isOwed = event.acceptedAtMs !== null && !wasDeleted;
  if (isOwed && places < wanted) {
    found.push(violation('lost', event, route, seen, `in ${seen.length} of ${wanted} runs`));
  }
  if (seen.length > Math.min(wanted, places) && !isOutlived(event, route, seen)) {
    found.push(violation('doubled', event, route, seen, `${seen.length} times in runs, not ${wanted}`));
  }
  return found;
}

/**
 * Whether every run after the first was created when the claims of the runs before it can have expired. The age of a
 * claim counts from the claim, in whole seconds, and not from its run, which an outage may delay for longer than the
 * retention. The first claim is not older than the first send, and the next one is made when it has expired: so claim
 * number n, and its run, are not there before n - 1 retentions have passed since the first send.
 */
function isOutlived({ firstSentAtMs }: SentEvent, route: RouteName, seen: readonly Appearance[]): boolean {
  const firstSentAtSeconds = Math.floor(firstSentAtMs / 1_000);
  const createdAtMs = seen.map(({ run }) => run.createdAtMs).sort((one, other) => one - other);
  return (
    seen.length > 1 &&
    createdAtMs.every(
      (atMs, index) => index === 0 || atMs >= (firstSentAtSeconds + index * retentionSeconds(route)) * 1_000,
    )
  );
}

function checkDeadLetters(
  event: SentEvent,
  route: RouteName,
  deadLetters: readonly ObservedDeadLetter[],
): readonly Violation[] {
  const own = deadLetters.filter((deadLetter) => deadLetter.route === null || deadLetter.route === route);
  const codes = [...new Set(own.map(({ code }) => code))].join(', ');
  if (own.length > 0 && !isPoison(event)) {
    return [violation('wrongly-dead-lettered', event, route, [], `dead letters with the code ${codes}`)];
  }
  if (own.length === 0 && isPoison(event) && event.acceptedAtMs !== null) {
    return [violation('lost', event, route, [], 'poison without a dead letter')];
  }
  return [];
}

function checkAppearances(
  event: SentEvent,
  route: RouteName,
  seen: readonly Appearance[],
): readonly Violation[] {
  const altered = seen.filter(({ data }) => !isDeepStrictEqual(data, event.data));
  const found = altered.map((each) =>
    violation('altered', event, route, [each], JSON.stringify(each.data).slice(0, 300)),
  );
  if (route !== 'sliding' || seen.length === 0) return found;
  const windows = seen.flatMap(({ run: { window } }) => (window === null ? [] : [window]));
  if (windows.length < seen.length) {
    return [...found, violation('misplaced', event, route, seen, 'a run without a window')];
  }
  const early = seen.filter(({ run: { window, createdAtMs } }) => createdAtMs < (window?.endMs ?? 0));
  if (early.length > 0) {
    found.push(violation('misplaced', event, route, early, 'the run was created before its window ended'));
  }
  // All windows that cover an event share the interval in which it arrived, which is `every` long.
  const fromMs = Math.max(...windows.map(({ startMs }) => startMs));
  const untilMs = Math.min(...windows.map(({ endMs }) => endMs));
  const isComplete = new Set(seen.map(windowOf)).size === runsExpected(route);
  if (untilMs <= event.firstSentAtMs || (isComplete && untilMs - fromMs !== SLIDING.everySeconds * 1_000)) {
    found.push(violation('misplaced', event, route, seen, 'in windows that do not cover it'));
  }
  return found;
}

function checkRun(run: ObservedRun): readonly Violation[] {
  const definition = FLOWS.find(({ flow }) => flow === run.flow);
  const [first] = run.events;
  if (definition === undefined || first === undefined) return [];
  const at = { event: keyOf(first), route: run.route, untilMs: run.createdAtMs };
  const found: Violation[] = [];
  if (run.events.length > definition.maxEvents) {
    const detail = `${run.events.length} events, at most ${definition.maxEvents}: ${describeRun(run)}`;
    found.push({ kind: 'over-cap', ...at, detail });
  }
  if (run.version !== definition.version) {
    const detail = `version ${String(run.version)} in a run of version ${String(definition.version)}: ${describeRun(run)}`;
    found.push({ kind: 'wrong-version', ...at, detail });
  }
  return found;
}

function unexpected({ run, data }: Appearance): Violation {
  const event = keyOf(data as Parameters<typeof keyOf>[0]);
  return { kind: 'unexpected', event, route: run.route, detail: describeRun(run), untilMs: run.createdAtMs };
}

function unknownDeadLetter(event: EventKey, { route, code }: ObservedDeadLetter): Violation {
  const detail = `a dead letter with the code ${code} of an event that was never sent`;
  return { kind: 'unexpected', event, route, detail, untilMs: 0 };
}

function violation(
  kind: ViolationKind,
  event: SentEvent,
  route: RouteName,
  seen: readonly Appearance[],
  reason: string,
): Violation {
  const detail = [reason, ...seen.map(({ run }) => describeRun(run))].join('; ');
  const moments = [event.acceptedAtMs ?? event.firstSentAtMs, ...seen.map(({ run }) => run.createdAtMs)];
  return { kind, event: event.key, route, detail, untilMs: Math.max(...moments) + EXPLAINED_MS };
}

/** Faults after the last run of an event still explain what became of it. */
const EXPLAINED_MS = 15_000;

function describeRun({
  flowRunId,
  flow,
  stateName,
  createdAtMs,
  window,
  idempotencyKey,
}: ObservedRun): string {
  const interval =
    window === null
      ? ''
      : ` of the window ${new Date(window.startMs).toISOString()}–${new Date(window.endMs).toISOString()}`;
  return `run ${flowRunId} (${flow}, ${stateName}) created ${new Date(createdAtMs).toISOString()}${interval} under ${String(idempotencyKey)}`;
}

function windowOf({ run: { window, flowRunId } }: Appearance): string {
  return window === null ? flowRunId : `${window.startMs}-${window.endMs}`;
}

function appearancesByPair(runs: readonly ObservedRun[]): ReadonlyMap<string, readonly Appearance[]> {
  const all = runs.flatMap((run) => run.events.map((data) => ({ run, data })));
  return Map.groupBy(all, ({ run, data }) => pairOf(keyOf(data), run.route));
}

function pairOf(event: EventKey, route: RouteName): string {
  return `${event} ${route}`;
}

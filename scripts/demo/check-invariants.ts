/** Checks the promise against Prefect, the table, the logs and the dead-letter queues. */
import type { FlowRunRecord } from '../../lib/ports.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { EventOutcome } from './event-outcomes.ts';
import type { FlowRun } from './flow-runs.ts';
import type { ClaimedEvent } from './table-contents.ts';

/** What was read after all events had their outcome. */
export interface ObservedState {
  readonly outcomes: readonly EventOutcome[];
  readonly claims: readonly ClaimedEvent[];
  readonly batches: readonly FlowRunRecord[];
  readonly runs: readonly FlowRun[];
  readonly deadLetters: readonly DeadLetter[];
}

/** Describe every violation of the promise; the list is empty when the promise holds. */
export function findViolations(state: ObservedState): readonly string[] {
  return [
    ...state.outcomes.flatMap((outcome) => violationsOfOutcome(outcome, state)),
    ...state.claims.flatMap((claim) => violationsOfClaim(claim, state)),
    ...state.batches.flatMap((batch) => violationsOfBatch(batch, state)),
    ...state.runs.flatMap((run) => violationsOfRun(run, state)),
  ];
}

export function summarize({ outcomes, claims, runs }: ObservedState): string {
  const count = (kind: string): number => outcomes.filter(({ outcome }) => outcome?.outcome === kind).length;
  const inOneLiveRun = claims.filter((claim) => {
    const [only, ...others] = runsWith(claim, runs);
    return only?.deadCode === null && others.length === 0;
  });
  const completed = runs.filter(({ stateName }) => stateName === 'Completed');
  const duplicates = plural(count('duplicate'), 'duplicate', 'duplicates');
  const runsAre = plural(completed.length, 'flow run is', 'flow runs are');
  return (
    `${plural(outcomes.length, 'event', 'events')} accepted: ${String(inOneLiveRun.length)} in exactly one flow run, ` +
    `${duplicates}, ${String(count('filtered'))} filtered, ` +
    `${String(count('dead-lettered'))} dead-lettered. ${runsAre} Completed.`
  );
}

function violationsOfOutcome(
  { accepted, outcome }: EventOutcome,
  { runs, deadLetters }: ObservedState,
): readonly string[] {
  const name = `${accepted.caption} (${accepted.id})`;
  switch (outcome?.outcome) {
    case undefined:
    case 'retry':
    case 'held':
      return [`${name} was accepted and has no outcome`];
    case 'filtered':
      return [];
    case 'created':
    case 'duplicate': {
      const run = runs.find(({ flowRunId }) => flowRunId === outcome.flowRunId);
      return run?.batchId === outcome.batchId && run?.deadCode === null
        ? []
        : [`${name} should be in a flow run that Prefect does not have`];
    }
    case 'dead-lettered': {
      const isThere = deadLetters.some(
        ({ record, code }) => record.id === outcome.recordId && code === outcome.code,
      );
      return isThere ? [] : [`${name} was dead-lettered, but is in no dead-letter queue`];
    }
  }
}

function violationsOfClaim(claim: ClaimedEvent, { runs }: ObservedState): readonly string[] {
  const found = runsWith(claim, runs);
  if (found.length === 1) return [];
  return [`member ${claim.memberId} of ${claim.route} is in ${String(found.length)} flow runs`];
}

function violationsOfBatch(
  { batchId, flowRunId, members }: FlowRunRecord,
  { runs }: ObservedState,
): readonly string[] {
  const run = runs.find((each) => each.flowRunId === flowRunId);
  const agrees = run?.batchId === batchId && run.members.join() === members.join();
  return agrees ? [] : [`the record of batch ${batchId} in the table differs from the flow run in Prefect`];
}

function violationsOfRun(run: FlowRun, { claims }: ObservedState): readonly string[] {
  const broken: string[] = [];
  const unclaimed = run.members.filter(
    (memberId) => !claims.some((claim) => claim.route === run.route && claim.memberId === memberId),
  );
  if (unclaimed.length > 0) broken.push(`flow run ${run.name} holds events without a claim`);
  if (run.deadCode !== null) return broken;
  if (run.eventCount !== run.members.length) {
    broken.push(
      `flow run ${run.name} received ${String(run.eventCount)} events, ` +
        `but its label lists ${String(run.members.length)}`,
    );
  }
  if (run.stateName !== 'Completed') broken.push(`flow run ${run.name} is ${run.stateName}`);
  return broken;
}

function runsWith({ route, memberId }: ClaimedEvent, runs: readonly FlowRun[]): readonly FlowRun[] {
  return runs.filter((run) => run.route === route && run.members.includes(memberId));
}

function plural(count: number, one: string, many: string): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

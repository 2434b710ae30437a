/** Checks the promise against what Prefect, the table, the log and the dead-letter queues say. */
import type { BatchRecord } from '../../lib/ports.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { Fate } from './fates.ts';
import type { FlowRun } from './flow-runs.ts';
import type { ClaimedEvent } from './table-contents.ts';

export interface Facts {
  readonly fates: readonly Fate[];
  readonly claims: readonly ClaimedEvent[];
  readonly batches: readonly BatchRecord[];
  readonly runs: readonly FlowRun[];
  readonly letters: readonly DeadLetter[];
}

/** Where the promise is broken, in words; empty when it is kept. */
export function brokenPromises(facts: Facts): readonly string[] {
  return [
    ...facts.fates.flatMap((fate) => brokenFate(fate, facts)),
    ...facts.claims.flatMap((claim) => brokenClaim(claim, facts)),
    ...facts.batches.flatMap((batch) => brokenBatch(batch, facts)),
    ...facts.runs.flatMap((run) => brokenRun(run, facts)),
  ];
}

export function summaryOf({ fates, claims, runs }: Facts): string {
  const count = (kind: string): number => fates.filter(({ outcome }) => outcome?.outcome === kind).length;
  const inOneLiveRun = claims.filter((claim) => {
    const [only, ...others] = runsWith(claim, runs);
    return only?.deadCode === null && others.length === 0;
  });
  const completed = runs.filter(({ stateName }) => stateName === 'Completed');
  const duplicates = plural(count('duplicate'), 'duplicate', 'duplicates');
  const runsAre = plural(completed.length, 'flow run is', 'flow runs are');
  return (
    `${plural(fates.length, 'event', 'events')} accepted: ${String(inOneLiveRun.length)} in exactly one flow run, ` +
    `${duplicates} in none, ${String(count('filtered'))} wanted by no route, ` +
    `${String(count('dead-lettered'))} dead-lettered. ${runsAre} Completed.`
  );
}

function brokenFate({ accepted, outcome }: Fate, { runs, letters }: Facts): readonly string[] {
  const name = `${accepted.caption} (${accepted.id})`;
  switch (outcome?.outcome) {
    case undefined:
    case 'retry':
    case 'held':
      return [`${name} was accepted, and nothing became of it`];
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
      const isThere = letters.some(
        ({ record, code }) => record.id === outcome.recordId && code === outcome.code,
      );
      return isThere ? [] : [`${name} was dead-lettered, and no dead-letter queue has it`];
    }
  }
}

function brokenClaim(claim: ClaimedEvent, { runs }: Facts): readonly string[] {
  const found = runsWith(claim, runs);
  if (found.length === 1) return [];
  return [`member ${claim.memberId} of ${claim.route} is in ${String(found.length)} flow runs`];
}

function brokenBatch({ batchId, flowRunId, members }: BatchRecord, { runs }: Facts): readonly string[] {
  const run = runs.find((each) => each.flowRunId === flowRunId);
  const agrees = run?.batchId === batchId && run.members.join() === members.join();
  return agrees ? [] : [`the table's record of batch ${batchId} is not what Prefect says`];
}

function brokenRun(run: FlowRun, { claims }: Facts): readonly string[] {
  const broken: string[] = [];
  const unclaimed = run.members.filter(
    (memberId) => !claims.some((claim) => claim.route === run.route && claim.memberId === memberId),
  );
  if (unclaimed.length > 0) broken.push(`flow run ${run.name} holds events that nobody claimed`);
  if (run.deadCode !== null) return broken;
  if (run.eventCount !== run.members.length) {
    broken.push(
      `flow run ${run.name} was given ${String(run.eventCount)} events, ` +
        `and its label lists ${String(run.members.length)}`,
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

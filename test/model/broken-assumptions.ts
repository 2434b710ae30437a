/** What must not happen, and what the promise cannot survive: only `assumptions.ts` has a budget for it. */
import { landRun } from './prefect.ts';
import type { Faults } from './faults.ts';
import type { World } from './state.ts';
import type { Event } from './state-event.ts';

export function* eventsAgainstAssumptions(world: World, faults: Faults, isIdle: boolean): Iterable<Event> {
  if (faults.claimVanished + faults.waitingClaimVanished > 0) yield* vanishedClaims(world);
  if (isIdle && faults.runDeletedUnrecorded > 0) yield* deletedUnrecordedRuns(world);
  if (isIdle && faults.runDeletedAwaited > 0) yield* deletedAwaitedRuns(world);
  if (faults.createdWithoutDeployment > 0) yield* createdWithoutDeployment(world);
  if (faults.recordVanishedAfterRun > 0) yield* recordsVanishedAfterRuns(world);
  if (faults.chunkVanished > 0) yield* vanishedChunks(world);
}

/** Against A1: the second is of an event that waits in a window. */
function* vanishedClaims(world: World): Iterable<Event> {
  for (const [event, batchId] of Object.entries(world.claims)) {
    const fault = isWaiting(world, batchId) ? 'waitingClaimVanished' : 'claimVanished';
    yield {
      world: { ...world, claims: without(world.claims, event) },
      fault,
      label: `the claim of ${event} vanishes`,
    };
  }
}

/** Against A2, and only that: no create for it is under way. */
function* deletedUnrecordedRuns(world: World): Iterable<Event> {
  for (const [index, { batchId, deleted }] of world.runs.entries()) {
    if (deleted || world.records[batchId] !== undefined || isAwaited(world, batchId)) continue;
    yield {
      world: withDeletedRun(world, index),
      fault: 'runDeletedUnrecorded',
      label: 'a run without a record is deleted',
    };
  }
}

/** Against A3, and only that: it is recorded. */
function* deletedAwaitedRuns(world: World): Iterable<Event> {
  for (const [index, { batchId, deleted }] of world.runs.entries()) {
    if (deleted || world.records[batchId] === undefined || !isAwaited(world, batchId)) continue;
    yield {
      world: withDeletedRun(world, index),
      fault: 'runDeletedAwaited',
      label: 'a recorded run is deleted',
    };
  }
}

/** Against A3: Prefect had found the deployment before it was deleted, and goes on. */
function* createdWithoutDeployment(world: World): Iterable<Event> {
  for (const [index, request] of world.late.entries()) {
    if (request.kind !== 'create' || !world.deleted.includes(request.flow)) continue;
    const { world: landed } = landRun({ ...world, late: world.late.toSpliced(index, 1) }, request);
    yield {
      world: landed,
      fault: 'createdWithoutDeployment',
      label: `a late request creates {${request.members.join()}}, whose deployment it had found before`,
    };
  }
}

/** Against A4, of a batch: its run is gone as well, or Prefect would still know. */
function* recordsVanishedAfterRuns(world: World): Iterable<Event> {
  for (const batchId of Object.keys(world.records)) {
    if (!world.runs.some((run) => run.batchId === batchId && run.deleted)) continue;
    const records = without(world.records, batchId);
    yield { world: { ...world, records }, fault: 'recordVanishedAfterRun', label: 'its record vanishes' };
  }
}

/** Against A4, of events that waited in a window: their chunk is the record of their batch. */
function* vanishedChunks(world: World): Iterable<Event> {
  for (const [batchId, { isClosed }] of Object.entries(world.chunks)) {
    if (!isClosed) continue;
    const chunks = without(world.chunks, batchId);
    yield { world: { ...world, chunks }, fault: 'chunkVanished', label: 'the chunk vanishes' };
  }
}

/** In a window that is not flushed. */
function isWaiting({ chunks, windows }: World, batchId: string): boolean {
  const sequence = chunks[batchId]?.sequence ?? null;
  return sequence !== null && windows[sequence] !== undefined && windows[sequence].state !== 'flushed';
}

function isAwaited({ late }: World, batchId: string): boolean {
  return late.some((request) => request.kind === 'create' && request.batchId === batchId);
}

function withDeletedRun(world: World, index: number): World {
  return { ...world, runs: world.runs.map((run, at) => (at === index ? { ...run, deleted: true } : run)) };
}

function without<Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));
}

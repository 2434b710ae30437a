/** What happens without any worker: late requests land, people change things, items and messages vanish. */
import { eventsAgainstAssumptions } from './broken-assumptions.ts';
import { spend, type Fault } from './faults.ts';
import { landLate, labelOf } from './late-request.ts';
import { withoutTimer } from './perform.ts';
import type { Setting } from './setting.ts';
import type { World } from './state.ts';
import { sequenceOfRun } from './window-series.ts';
import type { Event } from './state-event.ts';

export function* eventsOf(world: World, { faults, behaviour }: Setting, isIdle: boolean): Iterable<Event> {
  for (const [index, request] of world.late.entries()) {
    yield { world: landLate(world, index, behaviour), fault: null, label: labelOf(request) };
  }
  yield* changesOfPrefect(world);
  yield* changesOfTheRoute(world);
  for (const timer of world.timers) {
    const label = `the timer of window ${timer.sequence} is lost`;
    yield { world: withoutTimer(world, timer), fault: 'timerLost', label };
  }
  if (isIdle && faults.runDeleted > 0) yield* deletedRuns(world);
  if (faults.recordVanished > 0) yield* vanishedRecords(world);
  if (isIdle && faults.keyRecurred > 0) yield* recurringKeys(world);
  yield* eventsAgainstAssumptions(world, faults, isIdle);
  // It is kept for a week and more: no worker is still busy with it.
  for (const [sequence, { isClosed }] of Object.entries(world.windows)) {
    if (!isClosed || !isIdle) continue;
    const windows = Object.fromEntries(Object.entries(world.windows).filter(([each]) => each !== sequence));
    yield { world: { ...world, windows }, fault: 'windowExpired', label: `window ${sequence} expires` };
  }
  if (behaviour.idleHeadExpires === true && world.head !== null) {
    const isIdleLine = Object.values(world.windows).every(({ state }) => state === 'flushed');
    if (isIdleLine) yield { world: { ...world, head: null }, fault: null, label: 'the head expires' };
  }
}

function* changesOfPrefect(world: World): Iterable<Event> {
  yield {
    world: { ...world, refusing: !world.refusing },
    fault: 'schemaChanged',
    label: 'the schema changes',
  };
  const { deploymentRef, deleted } = world;
  const next = `D${Number(deploymentRef.slice(1)) + 1}`;
  const changed = { ...world, deploymentRef: next };
  yield { world: changed, fault: 'deploymentChanged', label: 'the route gets another deployment' };
  const remade = { ...changed, deleted: [...deleted, deploymentRef] };
  yield { world: remade, fault: 'deploymentDeleted', label: 'the deployment is deleted and made anew' };
}

function* changesOfTheRoute(world: World): Iterable<Event> {
  const { mode, version } = world.route;
  const other = { mode: mode === 'run' ? 'window' : 'run', version } as const;
  const label = other.mode === 'run' ? 'the route has no windows any more' : 'the route gets windows';
  yield { world: { ...world, route: other }, fault: 'modeChanged', label };
  const settings = { mode, version: version === 'v1' ? 'v2' : 'v1' };
  yield {
    world: { ...world, route: settings },
    fault: 'routeChanged',
    label: 'the settings of the route change',
  };
}

/**
 * A2 and A3: a run is deleted only once it is recorded or all of its events are acknowledged, and while no request to
 * create it is under way. Prefect's retention knows nothing of records.
 */
function* deletedRuns(world: World): Iterable<Event> {
  for (const [index, run] of world.runs.entries()) {
    const isAwaited = world.late.some((late) => late.kind === 'create' && late.batchId === run.batchId);
    const isRecorded = world.records[run.batchId] !== undefined;
    // Events of a window are acknowledged long before it is flushed: that says nothing of its runs.
    const isOfBatch = sequenceOfRun(run.batchId) === null;
    const isAcknowledged = isOfBatch && run.members.every((member) => world.acknowledged.includes(member));
    if (run.deleted || isAwaited || !(isRecorded || isAcknowledged)) continue;
    const runs = world.runs.with(index, { ...run, deleted: true });
    yield { world: { ...world, runs }, fault: 'runDeleted', label: 'a run is deleted' };
  }
}

/**
 * A1: a claim is deleted only when its event is settled and past redelivery. The key is a new event from then on, which
 * no run and no chunk of before counts for.
 */
function* recurringKeys(world: World): Iterable<Event> {
  for (const event of world.acknowledged) {
    const batchId = world.claims[event];
    if (batchId === undefined || world.late.length > 0) continue;
    if (world.records[batchId] === undefined && world.chunks[batchId]?.isClosed !== true) continue;
    const others = (list: readonly string[]): string[] => list.filter((each) => each !== event);
    const withPast = <
      Item extends { readonly members: readonly string[]; readonly past?: readonly string[] },
    >(
      item: Item,
    ): Item => (item.members.includes(event) ? { ...item, past: [...(item.past ?? []), event] } : item);
    yield {
      world: {
        ...world,
        claims: Object.fromEntries(Object.entries(world.claims).filter(([each]) => each !== event)),
        runs: world.runs.map(withPast),
        chunks: Object.fromEntries(Object.entries(world.chunks).map(([id, chunk]) => [id, withPast(chunk)])),
        acknowledged: others(world.acknowledged),
        delivered: others(world.delivered),
        generations: { ...world.generations, [event]: (world.generations[event] ?? 0) + 1 },
      },
      fault: 'keyRecurred',
      label: `the claim of ${event} is deleted, and its key is sent again`,
    };
  }
}

/** A4: a record may vanish early only while its run is kept. */
function* vanishedRecords(world: World): Iterable<Event> {
  for (const batchId of Object.keys(world.records)) {
    if (world.runs.some((run) => run.batchId === batchId && run.deleted)) continue;
    const records = Object.fromEntries(Object.entries(world.records).filter(([id]) => id !== batchId));
    yield { world: { ...world, records }, fault: 'recordVanished', label: 'a record vanishes' };
  }
}

/** The faults that are left after an event; null when it cannot happen any more. */
export function faultsAfter(faults: Setting['faults'], fault: Fault | null): Setting['faults'] | null {
  return fault === null ? faults : spend(faults, fault);
}

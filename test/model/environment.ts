/** What happens without any worker: late requests land, people change things, items and messages vanish. */
import { eventsAgainstAssumptions } from './broken-assumptions.ts';
import { spend, type Fault } from './faults.ts';
import { landLate, labelOf } from './late-request.ts';
import { withoutTimer } from './perform.ts';
import type { Setting } from './setting.ts';
import { union, type World } from './state.ts';
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
  if (isIdle && faults.keyRecurred > 0) yield* recurringKeys(world, 'keyRecurred');
  if (isIdle && faults.keyRecurredBeforeTtl > 0) yield* recurringKeys(world, 'keyRecurredBeforeTtl');
  yield* claimsDeletedByTtl(world);
  if (isIdle && faults.recordExpired + faults.chunkExpired > 0) yield* expiredRecords(world);
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
  const next = nextDeploymentRef(world);
  const changed = { ...world, deploymentRef: next };
  yield { world: changed, fault: 'deploymentChanged', label: 'the route gets another deployment' };
  const taken = world.takes[deploymentRef];
  const takes = taken === undefined ? world.takes : { ...world.takes, [next]: taken };
  const remade = { ...changed, takes, deleted: [...deleted, deploymentRef] };
  yield { world: remade, fault: 'deploymentDeleted', label: 'the deployment is deleted and made anew' };
}

function* changesOfTheRoute(world: World): Iterable<Event> {
  const { mode, version } = world.route;
  const other = { mode: mode === 'run' ? 'window' : 'run', version } as const;
  const label = other.mode === 'run' ? 'the route has no windows any more' : 'the route gets windows';
  yield { world: { ...world, route: other }, fault: 'modeChanged', label };
  const settings = { mode, version: version === 'v1' ? 'v2' : 'v1' };
  yield* changesOfContent(world, settings);
  yield {
    world: { ...world, route: settings },
    fault: 'routeChanged',
    label: 'the settings of the route change',
  };
}

/** Each version names a deployment that takes its own parameters only; what is put back is as it was. */
function* changesOfContent(world: World, route: World['route']): Iterable<Event> {
  const { deploymentRef, deleted } = world;
  const takes = { [deploymentRef]: world.route.version, ...world.takes };
  const before = Object.keys(takes).find((ref) => takes[ref] === route.version && !deleted.includes(ref));
  const today = before ?? nextDeploymentRef(world);
  yield {
    world: { ...world, route, deploymentRef: today, takes: { ...takes, [today]: route.version } },
    fault: 'contentChanged',
    label: `the route gets deployment ${today} and other parameters`,
  };
}

function nextDeploymentRef({ deploymentRef, takes, deleted }: World): string {
  const known = [deploymentRef, ...deleted, ...Object.keys(takes)].map((ref) => Number(ref.slice(1)));
  return `D${Math.max(...known) + 1}`;
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
 * A1: a claim expires only when its event is settled and past redelivery. The key is a new event from then on, which
 * no run and no chunk of before counts for. TTL has deleted the claim, or will.
 */
function* recurringKeys(world: World, fault: 'keyRecurred' | 'keyRecurredBeforeTtl'): Iterable<Event> {
  const isDeleted = fault === 'keyRecurred';
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
        claims: isDeleted ? withoutKey(world.claims, event) : world.claims,
        expired: isDeleted ? world.expired : union(world.expired, [event]),
        runs: world.runs.map(withPast),
        chunks: Object.fromEntries(Object.entries(world.chunks).map(([id, chunk]) => [id, withPast(chunk)])),
        acknowledged: others(world.acknowledged),
        delivered: others(world.delivered),
        generations: { ...world.generations, [event]: (world.generations[event] ?? 0) + 1 },
      },
      fault,
      label: `the claim of ${event} ${isDeleted ? 'is deleted' : 'expires'}, and its key is sent again`,
    };
  }
}

/** TTL deletes what has expired at any moment, whatever workers are at. */
function* claimsDeletedByTtl(world: World): Iterable<Event> {
  for (const event of world.expired) {
    const expired = world.expired.filter((each) => each !== event);
    const label = `the expired claim of ${event} is deleted`;
    yield { world: { ...world, claims: withoutKey(world.claims, event), expired }, fault: null, label };
  }
}

/** A4: a record may vanish early only while its run is kept, and not before a claim that has expired and names it. */
function* vanishedRecords(world: World): Iterable<Event> {
  for (const batchId of Object.keys(world.records)) {
    if (world.runs.some((run) => run.batchId === batchId && run.deleted)) continue;
    if (world.expired.some((event) => world.claims[event] === batchId)) continue;
    const records = withoutKey(world.records, batchId);
    yield { world: { ...world, records }, fault: 'recordVanished', label: 'a record vanishes' };
  }
}

/** A4: records and closed chunks expire a week after the claims that named them, when no request is under way any more. */
function* expiredRecords(world: World): Iterable<Event> {
  const isNamed = (batchId: string): boolean => Object.values(world.claims).includes(batchId);
  if (world.late.length > 0) return;
  for (const batchId of Object.keys(world.records)) {
    if (isNamed(batchId)) continue;
    const records = withoutKey(world.records, batchId);
    yield { world: { ...world, records }, fault: 'recordExpired', label: 'a record expires' };
  }
  for (const [batchId, { isClosed }] of Object.entries(world.chunks)) {
    if (isNamed(batchId) || !isClosed) continue;
    const chunks = withoutKey(world.chunks, batchId);
    yield { world: { ...world, chunks }, fault: 'chunkExpired', label: 'a chunk expires' };
  }
}

function withoutKey<Value>(items: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(items).filter(([each]) => each !== key));
}

/** The faults that are left after an event; null when it cannot happen any more. */
export function faultsAfter(faults: Setting['faults'], fault: Fault | null): Setting['faults'] | null {
  return fault === null ? faults : spend(faults, fault);
}

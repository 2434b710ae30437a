/**
 * Breadth-first search over every interleaving of workers, faults and redeliveries: the first violation that it
 * finds has the shortest trace.
 */
import type { Answer, Asking, Effect } from '../../lib/idempotency/effect.ts';
import type { Member } from '../../lib/idempotency/identity.ts';
import type { BatchTerms } from '../../lib/idempotency/protocol.ts';
import type { Settlements } from '../../lib/idempotency/settlement.ts';
import {
  HONEST_STORE,
  NO_FAULTS,
  POISON,
  isRefused,
  land,
  perform,
  type Faults,
  type StoreBehaviour,
  type World,
} from './world.ts';

export type SettleBatch = (members: readonly Member[], terms: BatchTerms) => Asking<Settlements>;

export interface Setting {
  readonly events: readonly string[];
  readonly workers: number;
  readonly faults: Faults;
  readonly start: World;
  readonly store?: StoreBehaviour;
}

export interface Exploration {
  readonly states: number;
  /** The broken promise and the shortest way to it; null when every state keeps the promise. */
  readonly violation: { readonly promise: string; readonly trace: readonly string[] } | null;
}

/** A worker at work: the events that it holds and all answers so far, which is all that its next effect depends on. */
interface Work {
  readonly events: readonly string[];
  readonly deploymentRef: string;
  readonly redelivered: boolean;
  readonly history: readonly string[];
  readonly answers: readonly Answer[];
}

interface State {
  readonly world: World;
  readonly faults: Faults;
  readonly workers: readonly (Work | null)[];
}

interface Step {
  readonly state: State;
  readonly label: string;
}

type Next =
  | { readonly kind: 'effect'; readonly effect: Effect }
  | { readonly kind: 'done'; readonly settlements: Settlements };

const MAX_STATES = 3_000_000;

export function explore(settleBatch: SettleBatch, setting: Setting): Exploration {
  return new Explorer(settleBatch, setting).run();
}

class Explorer {
  readonly #settleBatch: SettleBatch;
  readonly #setting: Setting;
  readonly #store: StoreBehaviour;
  readonly #nexts = new Map<string, Next>();
  readonly #endsWell = new Map<string, boolean>();

  constructor(settleBatch: SettleBatch, setting: Setting) {
    this.#settleBatch = settleBatch;
    this.#setting = setting;
    this.#store = setting.store ?? HONEST_STORE;
  }

  run(): Exploration {
    const { faults, start: world, workers } = this.#setting;
    const start: State = { world, faults, workers: Array<null>(workers).fill(null) };
    const cameFrom = new Map<string, { readonly from: string; readonly label: string } | null>();
    cameFrom.set(keyOf(start), null);
    let frontier: [string, State][] = [[keyOf(start), start]];
    while (frontier.length > 0) {
      const following: [string, State][] = [];
      for (const [key, state] of frontier) {
        const promise = this.#brokenPromise(state);
        if (promise !== null) {
          return { states: cameFrom.size, violation: { promise, trace: traceTo(key, cameFrom) } };
        }
        for (const { state: after, label } of this.#steps(state)) {
          const afterKey = keyOf(after);
          if (cameFrom.has(afterKey)) continue;
          cameFrom.set(afterKey, { from: key, label });
          following.push([afterKey, after]);
        }
      }
      if (cameFrom.size > MAX_STATES)
        throw new Error(`more than ${MAX_STATES} states: make the setting smaller`);
      frontier = following;
    }
    return { states: cameFrom.size, violation: null };
  }

  #brokenPromise(state: State): string | null {
    const { world } = state;
    for (const event of this.#setting.events) {
      const runs = world.runs.filter((run) => !run.dead && run.members.includes(event)).length;
      const deadLettered = world.deadLettered.includes(event);
      if (runs > 1) return `S1: ${event} is in ${runs} runs`;
      if (runs > 0 && deadLettered) return `S2: ${event} is in a run and dead-lettered`;
      if (deadLettered && event !== POISON) return `S2: ${event}, which nobody refuses, is dead-lettered`;
      if (world.acknowledged.includes(event) && runs === 0 && !deadLettered) {
        return `S2: ${event} is acknowledged and nowhere`;
      }
    }
    if (state.workers.every((work) => work === null) && !this.#continuesWell(world)) {
      return 'S3: a fair continuation does not end with everything acknowledged';
    }
    return null;
  }

  /** No more faults, leases over, late requests landed or dropped: redelivery has to finish the work. */
  #continuesWell(world: World): boolean {
    const key = JSON.stringify(world);
    const known = this.#endsWell.get(key);
    if (known !== undefined) return known;
    const landed = world.late.reduce(
      (before, request) => (isRefused(before, request) ? before : land(before, request).world),
      world,
    );
    const well = [world, landed].every((start) => this.#finishAlone({ ...start, late: [] }));
    this.#endsWell.set(key, well);
    return well;
  }

  #finishAlone(start: World): boolean {
    let state: State = { world: start, faults: NO_FAULTS, workers: [null] };
    for (let delivery = 0; delivery < 6; delivery++) {
      const visible = this.#visible(state);
      if (visible.length === 0) return true;
      state = deliver(state, 0, visible, true);
      let work = state.workers[0] ?? null;
      while (work !== null) {
        // Without faults the first result is the plain one, with the lease over.
        const [step] = this.#workerSteps(state, 0, work);
        if (step === undefined) return false;
        state = step.state;
        work = state.workers[0] ?? null;
      }
    }
    return this.#visible(state).length === 0;
  }

  #visible(state: State): string[] {
    const held = new Set(state.workers.flatMap((work) => work?.events ?? []));
    return this.#setting.events.filter(
      (event) => !held.has(event) && !state.world.acknowledged.includes(event),
    );
  }

  *#steps(state: State): Iterable<Step> {
    const idle = state.workers.indexOf(null);
    if (idle >= 0) yield* this.#deliveries(state, idle);
    for (const [index, work] of state.workers.entries()) {
      if (work !== null) yield* this.#workerSteps(state, index, work);
    }
    yield* this.#environmentSteps(state);
  }

  /** Any grouping of what is visible; with impatience also of what another worker holds. */
  *#deliveries(state: State, idle: number): Iterable<Step> {
    const visible = this.#visible(state);
    const unacknowledged = this.#setting.events.filter((event) => !state.world.acknowledged.includes(event));
    for (const events of subsets(unacknowledged)) {
      const faults = events.every((event) => visible.includes(event))
        ? state.faults
        : spend(state.faults, 'impatience');
      if (faults === null) continue;
      const again = events.some((event) => state.world.delivered.includes(event));
      for (const redelivered of again ? [false, true] : [false]) {
        const delivered = deliver({ ...state, faults }, idle, events, redelivered);
        yield { state: delivered, label: `worker ${idle} receives {${events.join()}}` };
      }
    }
  }

  *#workerSteps(state: State, index: number, work: Work): Iterable<Step> {
    const next = this.#next(work);
    if (next.kind === 'done') {
      yield* this.#finishSteps(state, index, next.settlements);
    } else {
      for (const result of perform(state.world, next.effect, this.#store)) {
        const faults = result.fault === null ? state.faults : spend(state.faults, result.fault);
        if (faults === null) continue;
        const onward: Work = {
          ...work,
          history: [...work.history, answerKey(result.answer)],
          answers: [...work.answers, result.answer],
        };
        const after = { world: result.world, faults, workers: state.workers.with(index, onward) };
        yield { state: after, label: `worker ${index}: ${result.label}` };
      }
    }
    const crashed = spend(state.faults, 'crash');
    if (crashed !== null) {
      const after = { ...state, faults: crashed, workers: state.workers.with(index, null) };
      yield { state: after, label: `worker ${index} crashes` };
    }
  }

  /** Dead letters are sent before anything is acknowledged; a crash can come between. */
  *#finishSteps(state: State, index: number, settlements: Settlements): Iterable<Step> {
    const dead = eventsSettled(settlements, (kind) => kind === 'dead');
    const done = eventsSettled(settlements, (kind) => kind !== 'again');
    const deadLettered = union(state.world.deadLettered, dead);
    const acknowledged = union(state.world.acknowledged, done);
    const workers = state.workers.with(index, null);
    yield {
      state: { ...state, world: { ...state.world, deadLettered, acknowledged }, workers },
      label: `worker ${index} acknowledges {${done.join()}}`,
    };
    const crashed = spend(state.faults, 'crash');
    if (dead.length > 0 && crashed !== null) {
      yield {
        state: { world: { ...state.world, deadLettered }, faults: crashed, workers },
        label: `worker ${index} dead-letters {${dead.join()}} and crashes`,
      };
    }
  }

  *#environmentSteps(state: State): Iterable<Step> {
    const { world } = state;
    for (const [index, request] of world.late.entries()) {
      const landed = isRefused(world, request) ? world : land(world, request).world;
      const after = { ...landed, late: landed.late.toSpliced(index, 1) };
      yield { state: { ...state, world: after }, label: `late request {${request.members.join()}} lands` };
    }
    const change = (fault: keyof Faults, after: World, label: string): Step[] => {
      const faults = spend(state.faults, fault);
      return faults === null ? [] : [{ state: { ...state, world: after, faults }, label }];
    };
    yield* change('schemaChanged', { ...world, refusing: !world.refusing }, 'the schema changes');
    yield* change(
      'deploymentChanged',
      { ...world, deploymentRef: 'D2' },
      'the route gets another deployment',
    );
    if (!world.deleted.includes(world.deploymentRef)) {
      const remade = { ...world, deploymentRef: 'D2', deleted: [...world.deleted, world.deploymentRef] };
      yield* change('deploymentDeleted', remade, 'the deployment is deleted and made anew');
    }
    for (const [index, run] of world.runs.entries()) {
      if (!this.#mayBeDeleted(state, run.batchId)) continue;
      const runs = world.runs.with(index, { ...run, deleted: true });
      if (!run.deleted) yield* change('runDeleted', { ...world, runs }, 'a recorded run is deleted');
    }
    for (const batchId of Object.keys(world.records)) {
      // A4: a record may vanish early only while its run is kept.
      if (world.runs.some((run) => run.batchId === batchId && run.deleted)) continue;
      const records = Object.fromEntries(Object.entries(world.records).filter(([id]) => id !== batchId));
      yield* change('recordVanished', { ...world, records }, 'a record vanishes');
    }
  }

  /** A2 and A3: a run is deleted only once it is recorded, and while nobody is at work on its events. */
  #mayBeDeleted(state: State, batchId: string): boolean {
    const record = state.world.records[batchId];
    if (record === undefined || state.world.late.some((request) => request.batchId === batchId)) return false;
    return state.workers.every((work) => work === null);
  }

  #next(work: Work): Next {
    const key = JSON.stringify([work.events, work.deploymentRef, work.redelivered, work.history]);
    const known = this.#nexts.get(key);
    if (known !== undefined) return known;
    const members = work.events.map((event) => ({ claimKey: event, memberId: event }));
    const asking = this.#settleBatch(members, {
      route: 'r',
      deploymentRef: work.deploymentRef,
      nowEpochSeconds: 1,
      leaseUntilEpochSeconds: 2,
      retainSeconds: 1_000,
      destination: 'run',
      window: null,
      redelivered: work.redelivered,
    });
    let step = asking.next();
    for (const answer of work.answers) step = asking.next(answer);
    const next: Next =
      step.done === true ? { kind: 'done', settlements: step.value } : { kind: 'effect', effect: step.value };
    this.#nexts.set(key, next);
    return next;
  }
}

function deliver(state: State, index: number, events: readonly string[], redelivered: boolean): State {
  const { deploymentRef } = state.world;
  const work: Work = { events, deploymentRef, redelivered, history: [], answers: [] };
  const world = { ...state.world, delivered: union(state.world.delivered, events) };
  return { ...state, world, workers: state.workers.with(index, work) };
}

function eventsSettled(settlements: Settlements, wanted: (kind: string) => boolean): string[] {
  return [...settlements].filter(([, settlement]) => wanted(settlement.kind)).map(([event]) => event);
}

function union(some: readonly string[], others: readonly string[]): string[] {
  return [...new Set([...some, ...others])].sort();
}

function spend(faults: Faults, fault: keyof Faults): Faults | null {
  return faults[fault] === 0 ? null : { ...faults, [fault]: faults[fault] - 1 };
}

function subsets(events: readonly string[]): string[][] {
  const all = events.reduce<string[][]>(
    (sets, event) => [...sets, ...sets.map((set) => [...set, event])],
    [[]],
  );
  return all.filter((set) => set.length > 0);
}

function answerKey(answer: Answer): string {
  return JSON.stringify(answer, (_, value: unknown) => (value instanceof Map ? [...value] : value));
}

/** Workers are alike, and so are two worlds that differ in the order of things only. */
function keyOf({ world, faults, workers }: State): string {
  const works = workers
    .map((work) =>
      work === null ? '' : JSON.stringify([work.events, work.deploymentRef, work.redelivered, work.history]),
    )
    .sort();
  const { claims, records, runs, late, ...plain } = world;
  const sorted = [
    Object.entries(claims).sort(),
    Object.entries(records).sort(byFirst),
    sortByText(runs),
    sortByText(late),
  ];
  return JSON.stringify([sorted, plain, faults, works]);
}

function byFirst(one: readonly [string, unknown], other: readonly [string, unknown]): number {
  return one[0] < other[0] ? -1 : 1;
}

function sortByText(values: readonly unknown[]): string[] {
  return values.map((value) => JSON.stringify(value)).sort();
}

function traceTo(
  key: string,
  cameFrom: ReadonlyMap<string, { readonly from: string; readonly label: string } | null>,
): string[] {
  const labels: string[] = [];
  for (let step = cameFrom.get(key); step != null; step = cameFrom.get(step.from)) labels.unshift(step.label);
  return labels;
}

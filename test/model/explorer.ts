/** Every interleaving of workers, faults and redeliveries, through the real decision code. */
import { eventsOf, faultsAfter } from './environment.ts';
import { NO_FAULTS, type Fault, type Faults } from './faults.ts';
import { authorOf, Works, type DecisionCode, type Job, type Work } from './worker.ts';
import {
  LATE_EPOCH_MS,
  abandon,
  conclude,
  deliveryOf,
  doneOf,
  flushOf,
  lettersOf,
  lettersOfDeath,
  redrivable,
  redriveOf,
  sweptTimers,
  withDelivered,
  withRedriven,
} from './transitions.ts';
import { Continuation } from './continuation.ts';
import { perform, withoutTimer } from './perform.ts';
import { brokenPromise } from './promises.ts';
import { search, type Exploration, type Searchable, type Step } from './search.ts';
import type { Setting } from './setting.ts';
import { isElsewhere, textOf, withLetters, type World } from './state.ts';

const MAX_STATES = 12_000_000;

export function explore(code: DecisionCode, setting: Setting, maxStates = MAX_STATES): Exploration {
  return search(new Explorer(code, setting), maxStates);
}

/** A world that was seen before is the same object. */
interface KnownWorld {
  readonly id: number;
  readonly world: World;
  readonly brokenPromise: string | null;
  /** What a fair continuation leaves undone; null: nothing. Asked only when no worker is at work. */
  undone: string | null | undefined;
}

interface State {
  readonly known: KnownWorld;
  readonly faults: Faults;
  readonly works: readonly (Work | null)[];
}

class Explorer implements Searchable<State> {
  readonly start: State;
  readonly #setting: Setting;
  readonly #works: Works;
  readonly #continuation: Continuation;
  readonly #worlds = new Map<string, KnownWorld>();

  constructor(code: DecisionCode, setting: Setting) {
    this.#setting = setting;
    this.#works = new Works(code, setting);
    this.#continuation = new Continuation(this.#works, setting);
    const { start, faults, workers } = setting;
    this.start = { known: this.#known(start), faults, works: Array<null>(workers).fill(null) };
  }

  /** Workers are alike. */
  keyOf({ known, faults, works }: State): string {
    const ids = works.map((work) => work?.id ?? -1).sort((one, other) => one - other);
    return `${known.id} ${ids.join()} ${FAULT_NAMES.map((fault) => faults[fault]).join('')}`;
  }

  brokenPromise({ known, works }: State): string | null {
    if (known.brokenPromise !== null) return known.brokenPromise;
    if (works.some((work) => work !== null)) return null;
    if (known.undone === undefined) known.undone = this.#continuation.undone(known.world);
    return known.undone === null ? null : `S3: ${known.undone}`;
  }

  *stepsFrom(state: State): Iterable<Step<State>> {
    const idle = state.works.indexOf(null);
    if (idle >= 0) {
      yield* this.#deliveries(state, idle);
      yield* this.#flushes(state, idle);
      yield* this.#redrives(state, idle);
    }
    for (const [index, work] of state.works.entries()) {
      if (work !== null) yield* this.#stepsOf(state, index, work);
    }
    const isIdle = state.works.every((work) => work === null);
    for (const { world, fault, label } of eventsOf(state.known.world, this.#setting, isIdle)) {
      yield* this.#step(state, { world, fault, label });
    }
  }

  /** Any grouping of what is visible; with impatience also of what another worker holds. */
  *#deliveries(state: State, idle: number): Iterable<Step<State>> {
    const { world } = state.known;
    const held = new Set(state.works.flatMap((work) => (work === null ? [] : eventsOfJob(work.job))));
    for (const events of subsets(this.#setting.events)) {
      const isAcknowledged = events.some((event) => world.acknowledged.includes(event));
      const isHeld = events.some((event) => held.has(event));
      if (isAcknowledged && isHeld) continue;
      if (new Set(events.map(isElsewhere)).size > 1) continue;
      const fault = isAcknowledged ? 'sentTwice' : isHeld ? 'impatience' : null;
      const again = events.some((event) => world.delivered.includes(event));
      const told = again && this.#setting.redeliveries === 'told-or-not' ? [false, true] : [again];
      for (const redelivered of told) {
        for (const nowEpochMs of this.#appendTimes(world)) {
          const work = this.#works.begin(deliveryOf(world, events, redelivered, nowEpochMs));
          const at = this.#setting.appendEpochMs.length > 1 ? ` at ${nowEpochMs}` : '';
          const label = `worker ${idle} receives {${events.join()}}${at}`;
          yield* this.#step(state, { world: withDelivered(world, events), fault, label, index: idle, work });
        }
      }
    }
  }

  *#redrives(state: State, idle: number): Iterable<Step<State>> {
    if (state.faults.redrive === 0) return;
    const { world } = state.known;
    const [nowEpochMs = 0] = this.#setting.appendEpochMs;
    for (const events of subsets(redrivable(world, this.#setting))) {
      const deaths = world.runs.filter(
        ({ dead, members }) => dead && events.some((event) => members.includes(event)),
      );
      for (const death of deaths.keys()) {
        const work = this.#works.begin(redriveOf(world, lettersOfDeath(world, events, death), nowEpochMs));
        const label = `worker ${idle} redrives {${events.join()}} by dead letter ${death}`;
        yield* this.#step(state, {
          world: withRedriven(world, events),
          fault: 'redrive',
          label,
          index: idle,
          work,
        });
      }
    }
  }

  #appendTimes({ route }: World): readonly number[] {
    return route.mode === 'window' ? this.#setting.appendEpochMs : this.#setting.appendEpochMs.slice(0, 1);
  }

  *#flushes(state: State, idle: number): Iterable<Step<State>> {
    const { world } = state.known;
    const { behaviour, hasSweep } = this.#setting;
    const isIdle = state.works.every((work) => work === null);
    for (const timer of world.timers) {
      // A worker may be about to open it. Timers are hardly ever that early; without a bound there is no end.
      const isEarly = !isIdle && world.windows[timer.sequence] === undefined;
      for (const nowEpochMs of this.#flushTimes(world, timer.sequence)) {
        const early = nowEpochMs === LATE_EPOCH_MS ? '' : ' early';
        const label = `worker ${idle} receives the timer of window ${timer.sequence}${early}`;
        const holds = behaviour.timerEndsBeforeFlush !== true;
        const work = this.#works.begin(flushOf(timer, holds, nowEpochMs));
        yield* this.#step(state, {
          world: withoutTimer(world, timer),
          fault: isEarly ? 'timerEarly' : null,
          label,
          index: idle,
          work,
        });
        const copy = this.#works.begin(flushOf(timer, false, nowEpochMs));
        yield* this.#step(state, {
          world,
          fault: 'timerDuplicated',
          label: `${label}, a copy`,
          index: idle,
          work: copy,
        });
      }
    }
    if (!hasSweep || state.faults.sweep === 0) return;
    for (const timer of sweptTimers(world, this.#works.code, this.#setting)) {
      const work = this.#works.begin(flushOf(timer, false));
      const label = `worker ${idle} sweeps window ${timer.sequence}`;
      yield* this.#step(state, { world, fault: 'sweep', label, index: idle, work });
    }
  }

  /** A clock that is early makes a difference only while something may be not due. */
  #flushTimes({ windows }: World, sequence: number): readonly number[] {
    const window = windows[sequence];
    const mayBeNotDue = window === undefined ? this.#setting.rules.paneMs !== null : window.state === 'open';
    return mayBeNotDue ? [LATE_EPOCH_MS, ...this.#setting.earlyEpochMs] : [LATE_EPOCH_MS];
  }

  *#stepsOf(state: State, index: number, work: Work): Iterable<Step<State>> {
    const { world } = state.known;
    const { behaviour } = this.#setting;
    const { next, job } = work;
    const worker = `worker ${index}`;
    if (next.kind === 'effect') {
      for (const result of perform(world, next.effect, this.#setting, authorOf(job))) {
        if (faultsAfter(state.faults, result.fault) === null) continue;
        const { fault, label } = result;
        const after = work.after(result.result);
        yield* this.#step(state, {
          world: result.world,
          fault,
          label: `${worker} ${label}`,
          index,
          work: after,
        });
      }
    } else {
      const concluded = conclude(world, job, next.conclusion, behaviour);
      const { conclusion } = next;
      const isSettled = conclusion.kind === 'settled';
      const label = isSettled ? `acknowledges {${doneOf(conclusion.settlements).join()}}` : 'ends';
      yield* this.#step(state, {
        world: concluded,
        fault: null,
        label: `${worker} ${label}`,
        index,
        work: null,
      });
      const dead = isSettled ? lettersOf(conclusion.settlements) : [];
      if (dead.length > 0) {
        // Dead letters are sent before anything is acknowledged.
        const half = withLetters(world, dead);
        const words = `${worker} dead-letters {${dead.join()}} and crashes`;
        yield* this.#step(state, { world: half, fault: 'crash', label: words, index, work: null });
      }
    }
    const crashed = abandon(world, job, behaviour);
    yield* this.#step(state, {
      world: crashed,
      fault: 'crash',
      label: `${worker} crashes`,
      index,
      work: null,
    });
  }

  *#step(state: State, after: After): Iterable<Step<State>> {
    const faults = faultsAfter(state.faults, after.fault);
    if (faults === null) return;
    const works = after.work === undefined ? state.works : state.works.with(after.index ?? 0, after.work);
    yield { state: { known: this.#known(after.world), faults, works }, label: after.label };
  }

  #known(world: World): KnownWorld {
    const text = textOf(world);
    const known = this.#worlds.get(text);
    if (known !== undefined) return known;
    const fresh: KnownWorld = {
      id: this.#worlds.size,
      world,
      brokenPromise: brokenPromise(world, this.#setting),
      undone: undefined,
    };
    this.#worlds.set(text, fresh);
    return fresh;
  }
}

interface After {
  readonly world: World;
  readonly fault: Fault | null;
  readonly label: string;
  /** The worker whose work it is, and the work that it has then. */
  readonly index?: number;
  readonly work?: Work | null;
}

const FAULT_NAMES = Object.keys(NO_FAULTS) as Fault[];

function eventsOfJob(job: Job): readonly string[] {
  return job.kind === 'delivery' && job.letters === null ? job.events : [];
}

function subsets(events: readonly string[]): string[][] {
  const all = events.reduce<string[][]>(
    (sets, event) => [...sets, ...sets.map((set) => [...set, event])],
    [[]],
  );
  return all.filter((set) => set.length > 0);
}

/**
 * S3: no more faults, clocks late, late requests landed or dropped: redelivery, timers and the sweep (where there is
 * one) have to finish the work.
 */
import {
  conclude,
  deliveryOf,
  flushOf,
  redriveOf,
  sweptTimers,
  withDelivered,
  withRedriven,
} from './transitions.ts';
import { authorOf, type Job, type Works } from './worker.ts';
import { landLate } from './late-request.ts';
import { perform, withoutTimer } from './perform.ts';
import { brokenPromise, isSettled } from './promises.ts';
import type { Setting } from './setting.ts';
import { isElsewhere, type Timer, type World } from './state.ts';

const MAX_ROUNDS = 8;
const MAX_EFFECTS = 200;

export class Continuation {
  readonly #works: Works;
  readonly #setting: Setting;

  constructor(works: Works, setting: Setting) {
    this.#works = works;
    this.#setting = setting;
  }

  /** Null when it ends well; else what is left undone. */
  undone(world: World): string | null {
    const dropped = this.#finish({ ...world, late: [] });
    if (dropped !== null || world.late.length === 0) return dropped;
    let landed = world;
    while (landed.late.length > 0) landed = landLate(landed, 0, this.#setting.behaviour);
    return this.#finish(landed);
  }

  #finish(start: World): string | null {
    const world = this.#goOn(start);
    return this.#leftUndone(world) ?? (this.#setting.faults.redrive > 0 ? this.#leftDead(world) : null);
  }

  /** The schema is fixed, and every dead letter redriven. */
  #leftDead(start: World): string | null {
    const [nowEpochMs = 0] = this.#setting.appendEpochMs;
    let world: World = { ...start, refusing: false };
    for (const letter of start.letters) {
      const [event = '', batchId = ''] = letter.split(' ');
      world = this.#work(withRedriven(world, [event]), redriveOf(world, { [event]: batchId }, nowEpochMs));
      world = this.#goOn(world);
    }
    const { letters } = world;
    if (letters.length > 0) return `{${letters.join()}} stay dead, though nothing refuses them`;
    const broken = brokenPromise(world, this.#setting);
    return broken === null ? this.#leftUndone(world) : `after a redrive, ${broken}`;
  }

  #goOn(start: World): World {
    let world = start;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = world;
      const visible = this.#setting.events.filter((event) => !world.acknowledged.includes(event));
      const nowEpochMs = Math.max(...this.#setting.appendEpochMs);
      for (const events of Map.groupBy(visible, isElsewhere).values()) {
        const job = deliveryOf(world, events, true, nowEpochMs);
        world = this.#work(withDelivered(world, events), job);
      }
      for (const timer of world.timers) world = this.#flush(withoutTimer(world, timer), timer, true);
      if (this.#setting.hasSweep) {
        for (const timer of sweptTimers(world, this.#works.code, this.#setting))
          world = this.#flush(world, timer, false);
      }
      if (before === world) break;
    }
    return world;
  }

  #flush(world: World, timer: Timer, holdsMessage: boolean): World {
    return this.#work(world, flushOf(timer, holdsMessage));
  }

  /** Without faults each effect has its first result, the plain one. */
  #work(start: World, job: Job): World {
    let world = start;
    let work = this.#works.begin(job);
    for (let effects = 0; effects < MAX_EFFECTS; effects++) {
      const { next } = work;
      if (next.kind === 'done') return conclude(world, job, next.conclusion, this.#setting.behaviour);
      const [plain] = perform(world, next.effect, this.#setting, authorOf(job));
      if (plain === undefined) return world;
      world = plain.world;
      work = work.after(plain.result);
    }
    return world;
  }

  #leftUndone(world: World): string | null {
    const { events, rules } = this.#setting;
    const lost = events.filter((event) => !world.acknowledged.includes(event));
    if (lost.length > 0) return `{${lost.join()}} are never acknowledged`;
    const waiting = events.filter((event) => !isSettled(world, event, rules.panes));
    if (waiting.length > 0) return `{${waiting.join()}} wait forever`;
    const unclosed = Object.entries(world.windows).filter(([, { isClosed }]) => !isClosed);
    return unclosed.length === 0
      ? null
      : `window ${unclosed.map(([sequence]) => sequence).join()} is never closed`;
  }
}

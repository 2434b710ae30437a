/** How jobs begin and end: what a worker takes from the world, and what it leaves there. */
import type { Settlements } from '../../lib/protocol/settlement.ts';
import type { Conclusion, DecisionCode, Delivery, Flush, Job } from './worker.ts';
import { withTimer } from './perform.ts';
import { rulesOf, type Setting } from './setting.ts';
import { windowsOf } from './window-table.ts';
import {
  isDeadLettered,
  isRouteDeployed,
  letterOf,
  originOf,
  union,
  withLetters,
  type Behaviour,
  type Timer,
  type World,
} from './state.ts';

/** Later than everything is due. */
export const LATE_EPOCH_MS = 1_000_000;

export function deliveryOf(
  world: World,
  events: readonly string[],
  redelivered: boolean,
  nowEpochMs: number,
): Delivery {
  const { route, deploymentRef } = world;
  const { mode, version: routeVersion } = route;
  const origins = events.map((event) => originOf(world, event));
  return {
    kind: 'delivery',
    ...{ events, origins, mode, routeVersion, deploymentRef, redelivered, letters: null, nowEpochMs },
  };
}

export type Letters = Readonly<Record<string, string>>;

/** `letters`: by event, the batch that its letter names. */
export function redriveOf(world: World, letters: Letters, nowEpochMs: number): Delivery {
  return { ...deliveryOf(world, Object.keys(letters), true, nowEpochMs), letters };
}

/** A letter for each of these events, of the first, second, … time that it died, or of the last. */
export function lettersOfDeath({ runs }: World, events: readonly string[], death: number): Letters {
  const letters = events.flatMap((event) => {
    const deaths = runs.filter(({ dead, members }) => dead && members.includes(event));
    const letter = deaths[death] ?? deaths.at(-1);
    return letter === undefined ? [] : [[event, letter.batchId] as const];
  });
  return Object.fromEntries(letters);
}

/** Events that may be redriven: there is a letter of theirs, or a copy of one that was. */
export function redrivable(world: World, { events }: Setting): string[] {
  return events.filter((event) => isDeadLettered(world, event) || world.redriven.includes(event));
}

export function withRedriven(world: World, events: readonly string[]): World {
  return { ...world, redriven: union(world.redriven, events) };
}

export function withDelivered(world: World, events: readonly string[]): World {
  return { ...world, delivered: union(world.delivered, events) };
}

export function flushOf(timer: Timer, holdsMessage: boolean, nowEpochMs: number = LATE_EPOCH_MS): Flush {
  return { kind: 'flush', timer, holdsMessage, nowEpochMs };
}

/** What the sweep would ask for. */
export function sweptTimers(world: World, { overdueWindows }: DecisionCode, setting: Setting): Timer[] {
  const windows = windowsOf(world);
  const unclosed = [...windows.values()].filter(({ isClosed }) => !isClosed);
  const routeOf = (routeVersion: string) => ({
    rules: rulesOf(setting, routeVersion),
    isDeployed: isRouteDeployed(world, routeVersion),
  });
  return overdueWindows(unclosed, windows, routeOf, LATE_EPOCH_MS).map(({ request }) => ({
    sequence: request.ref.sequence,
    routeVersion: request.routeVersion,
  }));
}

/** The queue makes a message visible again that nobody deleted. */
export function abandon(world: World, job: Job, behaviour: Behaviour): World {
  if (job.kind !== 'flush' || !job.holdsMessage || behaviour.timerEndsBeforeFlush === true) return world;
  return withTimer(world, job.timer);
}

export function conclude(world: World, job: Job, conclusion: Conclusion, behaviour: Behaviour): World {
  switch (conclusion.kind) {
    case 'settled': {
      const { settlements } = conclusion;
      const done = doneOf(settlements);
      const { letters = null } = job.kind === 'delivery' ? job : {};
      if (letters !== null) return withLetters(withoutLetters(world, letters, done), lettersOf(settlements));
      const acknowledged = union(world.acknowledged, done);
      return { ...withLetters(world, lettersOf(settlements)), acknowledged };
    }
    case 'flush-ended':
      return {
        ...(conclusion.isDone ? world : abandon(world, job, behaviour)),
        ...(conclusion.isOtherVersion && { flushedUnderOtherVersion: true }),
      };
  }
}

/** A redrive deletes the letters that it was about, of what is settled. Of what died again there are new ones. */
function withoutLetters(world: World, letters: Letters, done: readonly string[]): World {
  const settled = new Set(done.map((event) => letterOf(event, letters[event] ?? '')));
  return { ...world, letters: world.letters.filter((letter) => !settled.has(letter)) };
}

export function lettersOf(settlements: Settlements): string[] {
  return [...settlements].flatMap(([event, settlement]) =>
    settlement.kind === 'dead-lettered' ? [letterOf(event, settlement.batchId)] : [],
  );
}

export function doneOf(settlements: Settlements): string[] {
  return [...settlements].flatMap(([event, { kind }]) => (kind === 'retry' ? [] : [event]));
}

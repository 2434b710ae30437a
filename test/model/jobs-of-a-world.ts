/** How jobs begin and end: what a worker takes from the world, and what it leaves there. */
import type { Settlements } from '../../lib/idempotency/settlement.ts';
import type { Conclusion, DecisionCode, Delivery, Flush, Job } from './job.ts';
import { withTimer } from './perform.ts';
import type { Setting } from './setting.ts';
import { windowsOf } from './window-table.ts';
import { union, type Behaviour, type Timer, type World } from './world.ts';

/** Later than everything is due. */
export const LATE_EPOCH_MS = 1_000_000;

export function deliveryOf(
  { route, deploymentRef }: World,
  events: readonly string[],
  redelivered: boolean,
  nowEpochMs: number,
): Delivery {
  const { mode, version: routeVersion } = route;
  return { kind: 'delivery', events, mode, routeVersion, deploymentRef, redelivered, nowEpochMs };
}

export function withDelivered(world: World, events: readonly string[]): World {
  return { ...world, delivered: union(world.delivered, events) };
}

export function flushOf(
  world: World,
  timer: Timer,
  holdsMessage: boolean,
  nowEpochMs: number = LATE_EPOCH_MS,
): Flush {
  return {
    kind: 'flush',
    timer,
    holdsMessage,
    isDeployed: isDeployed(world, timer.routeVersion),
    nowEpochMs,
  };
}

/** What the sweep would ask for. */
export function sweptTimers(world: World, { overdueWindows }: DecisionCode, { rules }: Setting): Timer[] {
  const windows = windowsOf(world);
  const unclosed = [...windows.values()].filter(({ isClosed }) => !isClosed);
  const routeOf = (routeVersion: string) => ({ rules, isDeployed: isDeployed(world, routeVersion) });
  return overdueWindows(unclosed, windows, routeOf, LATE_EPOCH_MS).map(({ request }) => ({
    sequence: request.place.sequence,
    routeVersion: request.routeVersion,
  }));
}

function isDeployed({ route }: World, routeVersion: string): boolean {
  return route.mode === 'window' && route.version === routeVersion;
}

/** The queue makes a message visible again that nobody deleted. */
export function abandon(world: World, job: Job, behaviour: Behaviour): World {
  if (job.kind !== 'flush' || !job.holdsMessage || behaviour.timerEndsBeforeFlush === true) return world;
  return withTimer(world, job.timer);
}

export function conclude(world: World, job: Job, conclusion: Conclusion, behaviour: Behaviour): World {
  switch (conclusion.kind) {
    case 'settled': {
      const deadLettered = union(world.deadLettered, deadOf(conclusion.settlements));
      return {
        ...world,
        deadLettered,
        acknowledged: union(world.acknowledged, doneOf(conclusion.settlements)),
      };
    }
    case 'flush-ended':
      return conclusion.isDone ? world : abandon(world, job, behaviour);
  }
}

export function deadOf(settlements: Settlements): string[] {
  return [...settlements].flatMap(([event, { kind }]) => (kind === 'dead' ? [event] : []));
}

export function doneOf(settlements: Settlements): string[] {
  return [...settlements].flatMap(([event, { kind }]) => (kind === 'again' ? [] : [event]));
}

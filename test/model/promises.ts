/**
 * The promise itself, of a world.
 *
 * - S1: no event is twice in runs (of one window, where windows overlap).
 * - S2: an event is acknowledged only if it is in a run, waits in a window that is not flushed, or is dead-lettered.
 * - S3: from everywhere a fair continuation ends with every event in a run (`continuation.ts`).
 *   A redrive of what Prefect takes now ends with every event in a run, too.
 * - S4: no run and no window holds more than the route allows, and no window is opened for nothing.
 * - S5: a window is flushed under the version of the route that it was opened under.
 * - S6: no deployment gets the parameters of another version of the route than it takes.
 */
import { rulesOf, type Setting } from './setting.ts';
import { sequenceOfRun } from './window-series.ts';
import { isDeadLettered, isElsewhere, memberOf, POISON, type World } from './state.ts';

export function brokenPromise(world: World, setting: Setting): string | null {
  const { events, rules } = setting;
  for (const event of events) {
    const broken = rules.panes === 1 ? brokenForOne(world, event) : brokenForPanes(world, event, rules.panes);
    if (broken !== null) return broken;
    if (event !== POISON && isDeadLettered(world, event)) {
      return `S2: ${event}, which is not refused, is dead-lettered`;
    }
    if (world.acknowledged.includes(event) && !isKept(world, event, rules.panes)) {
      return `S2: ${event} is acknowledged and nowhere`;
    }
  }
  if (world.flushedUnderOtherVersion) return 'S5: a window is flushed under another version of the route';
  if (world.runs.some(({ isForeign }) => isForeign === true)) {
    return 'S6: a deployment gets the parameters of another version of the route';
  }
  const overfull = world.runs.find(
    ({ batchId, members }) =>
      sequenceOfRun(batchId) !== null && members.length > capOf(world, sequenceOfRun(batchId), setting),
  );
  if (overfull !== undefined) return `S4: {${overfull.members.join()}} are in one run`;
  const overfilled = Object.entries(world.windows).find(
    ([, { count, routeVersion }]) => rules.panes === 1 && count > rulesOf(setting, routeVersion).maxEvents,
  );
  if (overfilled !== undefined) return `S4: window ${overfilled[0]} holds ${overfilled[1].count} events`;
  const isEmpty = Object.values(world.chunks).some(
    ({ sequence, members }) => sequence !== null && members.length === 0,
  );
  return isEmpty ? 'S4: a window holds a batch of no events' : null;
}

/** The cap of the version that the window was opened under; of a window that has expired nothing more is known. */
function capOf({ windows }: World, sequence: number | null, setting: Setting): number {
  const window = sequence === null ? undefined : windows[sequence];
  if (window !== undefined) return rulesOf(setting, window.routeVersion).maxEvents;
  return Math.max(rulesOf(setting, 'v1').maxEvents, rulesOf(setting, 'v2').maxEvents);
}

/** Whether the event is where it has to be in the end. */
export function isSettled(world: World, event: string, panes: number): boolean {
  if (isDeadLettered(world, event)) return true;
  const runs = runsOf(world, event);
  if (panes === 1) return runs.length > 0;
  const pane = paneOf(world, event);
  const covering = pane === null ? [] : Array.from({ length: panes }, (_, index) => pane + index);
  return pane !== null && covering.every((sequence) => runs.includes(sequence));
}

function brokenForOne(world: World, event: string): string | null {
  const runs = runsOf(world, event).length;
  if (runs > 1) return `S1: ${event} is in ${runs} runs`;
  // A copy of a letter may be left, or come of a redelivery that goes on beside the redrive.
  const mayHaveLetter = runs === 0 || world.redriven.includes(event);
  return isDeadLettered(world, event) && !mayHaveLetter ? `S2: ${event} is in a run and dead-lettered` : null;
}

function brokenForPanes(world: World, event: string, panes: number): string | null {
  const runs = runsOf(world, event);
  const pane = paneOf(world, event);
  for (const sequence of new Set(runs)) {
    const inWindow = runs.filter((each) => each === sequence).length;
    if (inWindow > 1) return `S1: ${event} is in ${inWindow} runs of window ${sequence}`;
    if (sequence === null || pane === null || sequence < pane || sequence >= pane + panes) {
      return `S1: ${event} is in a run of window ${sequence}, which does not cover it`;
    }
  }
  return null;
}

function isKept(world: World, event: string, panes: number): boolean {
  if (isDeadLettered(world, event)) return true;
  const runs = runsOf(world, event);
  if (panes === 1 && runs.length > 0) return true;
  return Object.entries(world.chunks).some(([batchId, { sequence: pane, members, isClosed, past = [] }]) => {
    if (pane === null || !members.includes(event) || past.includes(event)) return false;
    const isWaiting = !isClosed && world.windows[pane]?.chunkIds.includes(batchId) === true;
    return Array.from({ length: panes }, (_, index) => pane + index).every(
      (sequence) => runs.includes(sequence) || (isWaiting && world.windows[sequence]?.state !== 'flushed'),
    );
  });
}

/** The windows whose runs hold the event; null for a run of a batch. */
function runsOf({ runs }: World, event: string): (number | null)[] {
  const [member, isOfOther] = [memberOf(event), isElsewhere(event)];
  return runs.flatMap((run) => {
    const { batchId, members, dead, past = [], isElsewhere: ofOther = false } = run;
    const isIn = !dead && ofOther === isOfOther && members.includes(member) && !past.includes(event);
    return isIn ? [sequenceOfRun(batchId)] : [];
  });
}

function paneOf({ chunks }: World, event: string): number | null {
  const holding = Object.values(chunks).find(
    ({ members, past = [] }) => members.includes(event) && !past.includes(event),
  );
  return holding?.sequence ?? null;
}

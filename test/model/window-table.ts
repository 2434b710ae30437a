/** Windows, their chunks and the head of their line in the model's table: each effect is one conditional request. */
import type { AppendChunkEffect, ChunkMembers, WindowEffect } from '../../lib/protocol/window-effects.ts';
import { windowIdOf, type Window } from '../../lib/windows/window.ts';
import type { AppendResult, ListedWindow } from '../../lib/windows/window-ports.ts';
import { certain, uncertain, type Result } from './result.ts';
import { SERIES } from './window-series.ts';
import type { Behaviour, StoredWindow, World } from './state.ts';

export type WindowTableEffect = Exclude<
  WindowEffect,
  { kind: 'send-timer' | 'send-dead-letters' | 'read-route-version' }
>;

export function performOnWindows(world: World, effect: WindowTableEffect, behaviour: Behaviour): Result[] {
  switch (effect.kind) {
    case 'read-latest-window': {
      const { head } = world;
      const latest = { sequence: head, window: head === null ? null : readWindow(world, head) };
      return [certain(world, { kind: effect.kind, latest }, 'reads the latest window')];
    }
    case 'append-chunk':
      return appendChunk(world, effect, behaviour);
    case 'seal-window': {
      const { sequence } = effect.ref;
      const state = world.windows[sequence]?.state;
      const isOpen = state === 'open' || (state !== undefined && behaviour.sealIgnoresState === true);
      const done = {
        world: isOpen ? withWindow(world, sequence, { state: 'sealed' }) : world,
        result: { kind: effect.kind, result: isOpen ? 'sealed' : 'not-open' } as const,
      };
      return uncertain(
        world,
        done,
        { kind: effect.kind, result: 'indeterminate' },
        `seals window ${sequence}`,
      );
    }
    case 'abandon-batch': {
      const { batchId } = effect;
      const isThere = world.chunks[batchId] !== undefined;
      const chunks = { ...world.chunks, [batchId]: { sequence: null, members: [], isClosed: false } };
      const done = {
        world: isThere ? world : { ...world, chunks },
        result: { kind: effect.kind, result: isThere ? 'chunk-exists' : 'abandoned' } as const,
      };
      return uncertain(world, done, { kind: effect.kind, result: 'indeterminate' }, 'gives its batch up');
    }
    case 'read-windows': {
      const windows = new Map<string, Window>();
      for (const ref of effect.refs) {
        const window = readWindow(world, ref.sequence);
        if (window !== null) windows.set(windowIdOf(ref), window);
      }
      const label = `reads window ${effect.refs.map(({ sequence }) => sequence).join(' and ')}`;
      return [certain(world, { kind: effect.kind, windows }, label)];
    }
    case 'read-chunks':
      return readChunks(world, effect.windows, behaviour);
    case 'lease-flush':
      // Leases are for liveness only, so in the model every lease is over and everybody gets it.
      return [certain(world, { kind: effect.kind, result: 'leased' }, 'leases the flush')];
    case 'skip-sequence': {
      const { sequence } = effect.ref;
      const isThere = world.windows[sequence] !== undefined;
      const done = {
        world: isThere ? world : burn(world, sequence, effect.routeVersion, behaviour),
        result: { kind: effect.kind, result: isThere ? 'exists' : 'skipped' } as const,
      };
      return uncertain(
        world,
        done,
        { kind: effect.kind, result: 'indeterminate' },
        `gives window ${sequence} up`,
      );
    }
    case 'redirect-window': {
      const { ref, from, to } = effect;
      const deployments = world.windows[ref.sequence]?.deployments ?? [];
      const isUnchanged = JSON.stringify(deployments) === JSON.stringify(from);
      const may = isUnchanged || behaviour.redirectIsUnconditional === true;
      const done = {
        world: may ? withWindow(world, ref.sequence, { deployments: [...deployments, to] }) : world,
        result: { kind: effect.kind, result: may ? 'moved' : 'changed' } as const,
      };
      const label = `redirects window ${ref.sequence} to ${to.deploymentRef}`;
      return uncertain(world, done, { kind: effect.kind, result: 'indeterminate' }, label);
    }
    case 'mark-flushed': {
      const { sequence } = effect.ref;
      const marked = withWindow(world, sequence, { state: 'flushed' });
      const done = { world: marked, result: { kind: effect.kind, result: 'marked' } as const };
      return uncertain(
        world,
        done,
        { kind: effect.kind, result: 'indeterminate' },
        `marks window ${sequence} flushed`,
      );
    }
    case 'expire-chunks': {
      const chunks = { ...world.chunks };
      for (const batchId of world.windows[effect.window.sequence]?.chunkIds ?? []) {
        const chunk = chunks[batchId];
        if (chunk !== undefined) chunks[batchId] = { ...chunk, isClosed: true };
      }
      return [certain({ ...world, chunks }, { kind: effect.kind }, 'expires chunks')];
    }
    case 'close-window': {
      const { sequence } = effect.ref;
      const closed = withWindow(world, sequence, { isClosed: true });
      return [certain(closed, { kind: effect.kind }, `closes window ${sequence}`)];
    }
  }
}

function appendChunk(world: World, effect: AppendChunkEffect, behaviour: Behaviour): Result[] {
  const { ref, opens, members } = effect;
  const label = `${opens === null ? 'adds to' : 'opens'} window ${ref.sequence} with {${idsOf(members).join()}}`;
  const landed = landAppend(world, effect, behaviour);
  const done = { world: landed.world, result: { kind: effect.kind, result: landed.result } };
  const late = { ...world, late: [...world.late, { kind: 'append', effect } as const] };
  const indeterminate = { kind: effect.kind, result: 'indeterminate' } as const;
  return [
    ...uncertain(world, done, indeterminate, label),
    { world: late, result: indeterminate, fault: 'lateRequest', label: `${label}, late` },
  ];
}

/** The transaction: all of its conditions hold, or nothing happens. */
export function landAppend(
  world: World,
  { batchId, members, ref, opens, dueEpochMs, maxCountBefore }: AppendChunkEffect,
  behaviour: Behaviour,
): { readonly world: World; readonly result: AppendResult } {
  const { sequence } = ref;
  const window = world.windows[sequence];
  if (world.chunks[batchId] !== undefined) return { world, result: 'chunk-exists' };
  const chunk = { sequence, members: idsOf(members), isClosed: false };
  const chunks = { ...world.chunks, [batchId]: chunk };
  if (opens !== null) {
    const mayOpen = window === undefined && (world.head === null || world.head < sequence);
    if (!mayOpen) return { world, result: 'window-moved' };
    const { deploymentRef, routeVersion, deadlineEpochMs } = opens;
    const deployments = [{ fromPart: 0, deploymentRef }];
    const state = { state: 'open', count: members.length, chunkIds: [batchId] } as const;
    const times = { dueEpochMs: opens.dueEpochMs, deadlineEpochMs };
    const opened = { ...state, ...times, routeVersion, deployments, isClosed: false };
    const windows = { ...world.windows, [sequence]: opened };
    return { world: { ...world, chunks, windows, head: sequence }, result: 'appended' };
  }
  if (window === undefined) return { world, result: 'window-moved' };
  const isOpen = window.state === 'open' || behaviour.appendIgnoresState === true;
  const hasRoom = window.count <= maxCountBefore || behaviour.appendIgnoresCaps === true;
  if (!isOpen || !hasRoom) return { world, result: 'window-moved' };
  const count = window.count + members.length;
  const added = { count, dueEpochMs, chunkIds: [...window.chunkIds, batchId].sort() };
  return { world: { ...withWindow(world, sequence, added), chunks }, result: 'appended' };
}

function burn(world: World, sequence: number, routeVersion: string, behaviour: Behaviour): World {
  const empty: StoredWindow = {
    state: 'sealed',
    count: 0,
    chunkIds: [],
    routeVersion,
    dueEpochMs: 0,
    deadlineEpochMs: 0,
    deployments: [],
    isClosed: false,
  };
  const windows = { ...world.windows, [sequence]: empty };
  const head = behaviour.burnLeavesHead === true ? world.head : Math.max(world.head ?? sequence, sequence);
  return { ...world, windows, head };
}

/** Pages are read up to the number of additions that the caller knows of: what was added since may be missed. */
function readChunks(world: World, windows: readonly ListedWindow[], behaviour: Behaviour): Result[] {
  const batchIds = windows.flatMap(({ sequence, additions }) =>
    (world.windows[sequence]?.chunkIds ?? []).slice(0, additions),
  );
  const read = (missing: string | null): Result => {
    const chunks = new Map<string, ChunkMembers>();
    for (const batchId of batchIds) {
      const chunk = world.chunks[batchId];
      if (chunk === undefined || batchId === missing) continue;
      const held = chunk.isClosed ? [] : chunk.members;
      const members = held.map((event) => ({ claimKey: event, memberId: event, bytes: 1 }));
      chunks.set(batchId, { appendedAtEpochMs: 0, members });
    }
    const label = missing === null ? 'reads the chunks' : 'reads the chunks, one is missing';
    return certain(world, { kind: 'read-chunks', batchIds, chunks }, label);
  };
  return [read(null), ...(behaviour.chunkReadsAreStale === true ? batchIds.map(read) : [])];
}

function readWindow({ windows }: World, sequence: number): Window | null {
  const stored = windows[sequence];
  if (stored === undefined) return null;
  const { chunkIds, ...window } = stored;
  const times = { openedAtEpochMs: 0, sealedAtEpochMs: null, flushLeaseEpochMs: null };
  const additions = chunkIds.length;
  return {
    ...{ series: SERIES, sequence, key: '', bytes: stored.count, reason: null, additions },
    ...times,
    ...window,
  };
}

/** By window id. */
export function windowsOf(world: World): ReadonlyMap<string, Window> {
  const windows = Object.keys(world.windows).flatMap((sequence) => readWindow(world, Number(sequence)) ?? []);
  return new Map(windows.map((window) => [windowIdOf(window), window]));
}

export function withWindow(world: World, sequence: number, change: Partial<StoredWindow>): World {
  const window = world.windows[sequence];
  if (window === undefined) return world;
  return { ...world, windows: { ...world.windows, [sequence]: { ...window, ...change } } };
}

function idsOf(members: readonly { readonly memberId: string }[]): string[] {
  return members.map(({ memberId }) => memberId);
}

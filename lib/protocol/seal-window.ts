/**
 * Closes a window to new events and reads what it holds: the first half of section 2 `flush` of the claim protocol.
 *
 *   time ──▶  read ──▶ seal ──▶ read again ──▶ read chunks
 *                      │        │
 *     only now is it certain    so what was read after it is all
 *     that nothing more comes   that will ever be in it
 */
import { RECORD_OUTLIVES_CLAIM_SECONDS } from './create-run.ts';
import { perform, type Program } from './effects.ts';
import { expiryReason, timesOf, type WindowRules } from '../windows/window-rules.ts';
import type { ChunkMembers, SizedMember } from './window-effects.ts';
import {
  windowIdOf,
  type FlushReason,
  type Window,
  type WindowSeries,
  type WindowRef,
} from '../windows/window.ts';

export interface FlushContext {
  readonly rules: WindowRules;
  readonly routeVersion: string;
  /** Whether the route is still deployed as it was: what waits for a route that is not waits no longer. */
  readonly isDeployed: boolean;
  readonly nowEpochMs: number;
  /** How long claims of the route are kept. */
  readonly retentionSeconds: number;
}

export interface SealedWindow {
  readonly window: Window;
  /** The windows whose events it covers, oldest first, itself the last: one, unless windows overlap. */
  readonly panes: readonly Window[];
  /** In the order of arrival. */
  readonly members: readonly SizedMember[];
}

export type Sealing =
  | { readonly kind: 'sealed'; readonly sealed: SealedWindow }
  | { readonly kind: 'not-due'; readonly dueEpochMs: number }
  /** Flushed and closed, now or before. */
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly detail: string };

const MAX_STEPS = 6;

/** The window sealed, and what it holds; or why it is not time for it. */
export function* sealWindow(ref: WindowRef, context: FlushContext): Program<Sealing> {
  // Several windows are read in one request, but not in one moment. Those before its own are all to be seen in a read
  // that began when its own was there: none of them is opened from then on.
  let wasThere = context.rules.panes === 1;
  for (let step = 1; step <= MAX_STEPS; step++) {
    const { series, sequence } = ref;
    const panes = yield* readRange(series, sequence - context.rules.panes + 1, sequence);
    const window = panes.find(({ sequence }) => sequence === ref.sequence);
    if (window?.state === 'flushed') {
      yield* closeCovered(window, context);
      return { kind: 'done' };
    }
    const dueEpochMs = window?.dueEpochMs ?? dueIfAbsent(ref, context);
    const isSealed = window?.state === 'sealed';
    if (!isSealed && dueEpochMs > context.nowEpochMs && isWaiting(context)) {
      return (yield* setTimer(ref, dueEpochMs, context))
        ? { kind: 'not-due', dueEpochMs }
        : { kind: 'retry', detail: 'its timer could not be set again' };
    }
    const open = panes.filter(({ state }) => state === 'open');
    if (window !== undefined && open.length === 0 && wasThere) return yield* readSealed(window, panes);
    wasThere ||= window !== undefined;
    // Whoever is about to open it found a timer that is used up now: it must not be opened any more.
    if (window === undefined)
      yield* perform({ kind: 'skip-sequence', ref, routeVersion: context.routeVersion });
    for (const each of open) {
      yield* perform({ kind: 'seal-window', ref: each, reason: sealReason(each, context) });
    }
  }
  return { kind: 'retry', detail: 'it could not be sealed' };
}

/**
 * Windows whose events no window has to cover any more are closed: its own, and where windows overlap those before it,
 * in whichever order they were flushed. May be done again, and is, when a flush ended before it.
 */
export function* closeCovered(flushed: Window, context: FlushContext): Program<void> {
  const { panes } = context.rules;
  const around = panes === 1 ? [flushed] : yield* readAround(flushed, panes);
  const done = new Set(around.filter(({ state }) => state === 'flushed').map(({ sequence }) => sequence));
  for (const window of around) {
    const last = window.count === 0 ? window.sequence : window.sequence + panes - 1;
    const covering = Array.from(
      { length: last - window.sequence + 1 },
      (_, index) => window.sequence + index,
    );
    if (!window.isClosed && covering.every((sequence) => done.has(sequence))) yield* close(window, context);
  }
}

function* close(window: Window, { nowEpochMs, retentionSeconds }: FlushContext): Program<void> {
  const expiresAtEpochSeconds =
    Math.ceil(nowEpochMs / 1_000) + retentionSeconds + RECORD_OUTLIVES_CLAIM_SECONDS;
  const { chunkIds: batchIds } = window;
  if (batchIds.length > 0) yield* perform({ kind: 'expire-chunks', batchIds, expiresAtEpochSeconds });
  yield* perform({ kind: 'close-window', ref: window, expiresAtEpochSeconds });
}

/** Those whose events it covers, and those that cover its own. */
function* readAround(window: WindowRef, panes: number): Program<readonly Window[]> {
  return yield* readRange(window.series, window.sequence - panes + 1, window.sequence + panes - 1);
}

/** Strongly consistent, oldest first; those that were never opened are left out. */
function* readRange(series: WindowSeries, first: number, last: number): Program<readonly Window[]> {
  const refs = Array.from({ length: last - first + 1 }, (_, index) => ({ series, sequence: first + index }));
  const { windows } = yield* perform({ kind: 'read-windows', refs });
  return refs.flatMap((ref) => windows.get(windowIdOf(ref)) ?? []);
}

function* readSealed(window: Window, panes: readonly Window[]): Program<Sealing> {
  const batchIds = panes.flatMap(({ chunkIds }) => chunkIds);
  const chunks =
    batchIds.length === 0
      ? new Map<string, ChunkMembers>()
      : (yield* perform({ kind: 'read-chunks', batchIds })).chunks;
  const missing = batchIds.find((batchId) => !chunks.has(batchId));
  if (missing !== undefined) return { kind: 'retry', detail: `its chunk ${missing} is not there` };
  const inOrder = [...chunks.values()].sort((one, other) => one.appendedAtEpochMs - other.appendedAtEpochMs);
  const members = inOrder.flatMap((chunk) => chunk.members);
  return { kind: 'sealed', sealed: { window, panes, members } };
}

export function* setTimer(
  ref: WindowRef,
  dueEpochMs: number,
  { routeVersion }: FlushContext,
): Program<boolean> {
  const timer = { windowId: windowIdOf(ref), ref, routeVersion, dueEpochMs };
  const { isStored } = yield* perform({ kind: 'send-timer', timer });
  return isStored;
}

/** A pane ends by the clock, whether or not it was opened. */
function dueIfAbsent(ref: WindowRef, { rules, nowEpochMs }: FlushContext): number {
  return rules.paneMs === null ? nowEpochMs : timesOf(ref, rules, nowEpochMs).dueEpochMs;
}

/** Panes end by the clock even when their route is not deployed any more. */
function isWaiting({ isDeployed, rules }: FlushContext): boolean {
  return isDeployed || rules.paneMs !== null;
}

function sealReason(window: Window, { nowEpochMs }: FlushContext): FlushReason {
  return window.dueEpochMs <= nowEpochMs ? expiryReason(window) : 'route-changed';
}

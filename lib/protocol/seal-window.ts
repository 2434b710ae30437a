/**
 * Close a window to new events and read what it holds (docs/protocol.md, Windows, the first half of `flush`).
 *
 *   time ──▶  read ──▶ seal ──▶ read again ──▶ [lease] ──▶ read chunks
 *                      │        │
 *     only from here on is it   so what was read after it
 *     certain that nothing      is all that will ever be
 *     more is added             in the window
 *
 * The window decides under which version of the route all of that happens, never the message that asks for it: a timer
 * may be older or newer than the window that it finds.
 */
import { RECORD_OUTLIVES_CLAIM_SECONDS } from './create-run.ts';
import { perform, type Program } from './effects.ts';
import { sendTimer } from './append-to-window.ts';
import { endsByClock, expiryReason, timesOf } from '../windows/window-rules.ts';
import type { SizedMember, WindowRoute } from './window-effects.ts';
import {
  windowIdOf,
  type FlushReason,
  type Window,
  type WindowRef,
  type WindowSeries,
} from '../windows/window.ts';

export interface FlushContext {
  readonly installation: string;
  /** The route version that the request names: for a window that is not there, since one that is there has its own. */
  readonly requestedVersion: string;
  readonly nowEpochMs: number;
  /** When this invocation is certainly over: until then no other one flushes the window. */
  readonly leaseUntilEpochMs: number;
}

export interface SealedWindow {
  readonly window: Window;
  /** The windows whose events it covers, oldest first, itself the last: one, unless windows overlap. */
  readonly panes: readonly Window[];
  /** In the order of arrival. */
  readonly members: readonly SizedMember[];
  /** The route that the window was opened under. */
  readonly route: WindowRoute;
}

export type Sealing =
  | { readonly kind: 'sealed'; readonly sealed: SealedWindow }
  | { readonly kind: 'not-due'; readonly dueEpochMs: number }
  /** Flushed and closed, now or before. */
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly detail: string };

const MAX_STEPS = 6;

/** Seal the window and read what it holds, or say why it is not time for it. */
export function* sealWindow(ref: WindowRef, context: FlushContext): Program<Sealing> {
  let route = yield* readRoute(context.requestedVersion);
  // Several windows are read in one request, but not in one moment. Those before its own are all to be seen in a read
  // that began when its own was there: none of them is opened from then on.
  let wasThere = false;
  let holdsLease = false;
  for (let step = 1; step <= MAX_STEPS; step++) {
    const panes = yield* readPanes(ref, route);
    const window = panes.find(({ sequence }) => sequence === ref.sequence);
    if (window !== undefined && window.routeVersion !== route?.version) {
      route = yield* readRoute(window.routeVersion);
      if (route !== null) continue;
    }
    if (route === null) return { kind: 'retry', detail: 'its route version cannot be read' };
    if (window?.state === 'flushed') {
      yield* closeCovered(window, route, context);
      return { kind: 'done' };
    }
    const dueEpochMs = window?.dueEpochMs ?? dueIfAbsent(ref, route, context);
    const isSealed = window?.state === 'sealed';
    if (!isSealed && dueEpochMs > context.nowEpochMs && waitsForItsTime(route)) {
      return (yield* sendTimer(ref, dueEpochMs, route.version))
        ? { kind: 'not-due', dueEpochMs }
        : { kind: 'retry', detail: 'its timer could not be set again' };
    }
    const open = panes.filter(({ state }) => state === 'open');
    wasThere ||= route.rules.panes === 1;
    if (window !== undefined && open.length === 0 && wasThere) {
      holdsLease ||= yield* leaseFlush(window, context);
      return holdsLease
        ? yield* readSealed(window, panes, route)
        : { kind: 'retry', detail: 'another invocation is flushing it' };
    }
    wasThere ||= window !== undefined;
    // A worker that is about to open it found a timer that is used up now: it must not be opened any more.
    if (window === undefined) yield* perform({ kind: 'skip-sequence', ref, routeVersion: route.version });
    for (const each of open) {
      const isOwn = each.sequence === ref.sequence;
      const { result } = yield* perform({
        kind: 'seal-window',
        ref: each,
        reason: sealReason(each, context),
        flushLeaseEpochMs: isOwn ? context.leaseUntilEpochMs : null,
      });
      holdsLease ||= isOwn && result === 'sealed';
    }
  }
  return { kind: 'retry', detail: 'it could not be sealed' };
}

/**
 * Close windows whose events no window has to cover any more: its own, and where windows overlap those before it, in
 * whichever order they were flushed. May be repeated, and is, when a flush ended before it.
 */
export function* closeCovered(flushed: Window, route: WindowRoute, context: FlushContext): Program<void> {
  const { panes } = route.rules;
  const around = panes === 1 ? [flushed] : yield* readAround(flushed, panes);
  const done = new Set(around.filter(({ state }) => state === 'flushed').map(({ sequence }) => sequence));
  for (const window of around) {
    const last = window.count === 0 ? window.sequence : window.sequence + panes - 1;
    const covering = Array.from(
      { length: last - window.sequence + 1 },
      (_, index) => window.sequence + index,
    );
    if (!window.isClosed && covering.every((sequence) => done.has(sequence)))
      yield* close(window, route, context);
  }
}

function* close(
  window: Window,
  { retentionSeconds }: WindowRoute,
  { nowEpochMs }: FlushContext,
): Program<void> {
  const expiresAtEpochSeconds =
    Math.ceil(nowEpochMs / 1_000) + retentionSeconds + RECORD_OUTLIVES_CLAIM_SECONDS;
  if (window.additions > 0) yield* perform({ kind: 'expire-chunks', window, expiresAtEpochSeconds });
  yield* perform({ kind: 'close-window', ref: window, expiresAtEpochSeconds });
}

/**
 * Take the flush lease, so that one of many invocations creates the runs and sends the dead letters. For liveness and
 * economy only: two that hold it at once create the same runs, since these are named after the window.
 */
function* leaseFlush(window: Window, { nowEpochMs, leaseUntilEpochMs }: FlushContext): Program<boolean> {
  const readEpochMs = window.flushLeaseEpochMs;
  if (readEpochMs !== null && readEpochMs > nowEpochMs) return false;
  const { result } = yield* perform({
    kind: 'lease-flush',
    ref: window,
    readEpochMs,
    untilEpochMs: leaseUntilEpochMs,
  });
  return result === 'leased';
}

function* readRoute(version: string): Program<WindowRoute | null> {
  const { route } = yield* perform({ kind: 'read-route-version', version });
  return route;
}

/** Read the window and those before it whose events it covers. Without a route the window alone says which it is. */
function* readPanes({ series, sequence }: WindowRef, route: WindowRoute | null): Program<readonly Window[]> {
  return yield* readRange(series, sequence - (route?.rules.panes ?? 1) + 1, sequence);
}

/** Read the windows whose events it covers, and those that cover its own. */
function* readAround({ series, sequence }: WindowRef, panes: number): Program<readonly Window[]> {
  return yield* readRange(series, sequence - panes + 1, sequence + panes - 1);
}

/** Strongly consistent, oldest first; windows that were never opened are left out. */
function* readRange(series: WindowSeries, first: number, last: number): Program<readonly Window[]> {
  const refs = Array.from({ length: last - first + 1 }, (_, index) => ({ series, sequence: first + index }));
  const { windows } = yield* perform({ kind: 'read-windows', refs });
  return refs.flatMap((ref) => windows.get(windowIdOf(ref)) ?? []);
}

function* readSealed(window: Window, panes: readonly Window[], route: WindowRoute): Program<Sealing> {
  const windows = panes.filter(({ additions }) => additions > 0);
  if (windows.length === 0) return { kind: 'sealed', sealed: { window, panes, members: [], route } };
  const { batchIds, chunks } = yield* perform({ kind: 'read-chunks', windows });
  const missing = batchIds.find((batchId) => !chunks.has(batchId));
  if (missing !== undefined) return { kind: 'retry', detail: `its chunk ${missing} is not there` };
  const inOrder = [...chunks.values()].sort((one, other) => one.appendedAtEpochMs - other.appendedAtEpochMs);
  const members = inOrder.flatMap((chunk) => chunk.members);
  return { kind: 'sealed', sealed: { window, panes, members, route } };
}

/** A pane ends by the clock, whether or not it was opened. */
function dueIfAbsent(ref: WindowRef, { rules }: WindowRoute, { nowEpochMs }: FlushContext): number {
  return endsByClock(rules) ? timesOf(ref, rules, nowEpochMs).dueEpochMs : nowEpochMs;
}

/** Panes end by the clock even when their route is not deployed any more. */
function waitsForItsTime({ isDeployed, rules }: WindowRoute): boolean {
  return isDeployed || endsByClock(rules);
}

function sealReason(window: Window, { nowEpochMs }: FlushContext): FlushReason {
  return window.dueEpochMs <= nowEpochMs ? expiryReason(window) : 'route-changed';
}

/**
 * Which windows somebody should have brought to their end by now: pure decisions over what the table says of windows
 * that are not closed.
 *
 *   open,   due long ago                    its timer was lost
 *   open,   its route not deployed (so)     what waits for a route that is not there waits no longer
 *   sealed                                  a flush ended before its runs were made, or before that was noted
 *   flushed                                 a flush ended before its chunks were given free
 *
 * Sliding windows: pane j is in the windows j … j+k-1. While it is not closed, one of those may have been made by
 * nobody; a window without a pane of its own is in no list, and is looked for from the panes that it covers.
 */
import type { FlushRequest } from '../executor/flush-windows.ts';
import { timesOf, type WindowRules } from '../windows/window-rules.ts';
import { windowIdOf, type Window, type WindowRef } from '../windows/window.ts';

/** The route of a window, as far as a sweep goes by it; null: it cannot be read, so that nobody can flush it. */
export type SweepRoute = { readonly rules: WindowRules; readonly isDeployed: boolean } | null;

export type OverdueReason = 'overdue' | 'not-flushed' | 'not-closed' | 'route-changed' | 'route-unreadable';

export interface OverdueWindow {
  readonly request: FlushRequest;
  readonly reason: OverdueReason;
  /** Since when it should have been done. */
  readonly sinceEpochMs: number;
}

/** Timers come a little late, and a flush takes its time: who looks at once finds what somebody is at work on. */
export const GRACE_MS = 60_000;

/** All places whose windows decide about these panes: themselves, and the windows of the same line that cover them. */
export function placesToRead(
  panes: readonly Window[],
  routes: Routes,
  nowEpochMs: number,
): readonly WindowRef[] {
  const refs = panes.flatMap((pane) => {
    const route = routes(pane.routeVersion);
    return isSliding(route) ? endedWindowsOver(pane, route.rules, nowEpochMs) : [];
  });
  const known = new Set(panes.map(windowIdOf));
  return uniquePlaces(refs).filter((ref) => !known.has(windowIdOf(ref)));
}

export type Routes = (routeVersion: string) => SweepRoute;

/** Of windows that are not closed, with those that `placesToRead` asked for, by window id. */
export function overdueWindows(
  unclosed: readonly Window[],
  windows: ReadonlyMap<string, Window>,
  routes: Routes,
  nowEpochMs: number,
): readonly OverdueWindow[] {
  const bySequence = unclosed.toSorted((one, other) => one.sequence - other.sequence);
  const overdue = bySequence.flatMap((pane) => {
    const route = routes(pane.routeVersion);
    return isSliding(route)
      ? endedWindowsOver(pane, route.rules, nowEpochMs).flatMap(
          (ref) => overdueOver(pane, ref, windows.get(windowIdOf(ref)), route.rules, nowEpochMs) ?? [],
        )
      : (overdueTumbling(pane, route, nowEpochMs) ?? []);
  });
  // A window that several panes lead to is asked for once: under its own version, or that of the latest of them.
  return [...new Map(overdue.map((each) => [windowIdOf(each.request.ref), each])).values()];
}

function overdueTumbling(window: Window, route: SweepRoute, nowEpochMs: number): OverdueWindow | null {
  const request = requestOf(window, window);
  if (route === null) return { request, reason: 'route-unreadable', sinceEpochMs: window.openedAtEpochMs };
  if (window.state !== 'open') return unfinished(window, request, nowEpochMs);
  if (!route.isDeployed) return { request, reason: 'route-changed', sinceEpochMs: window.openedAtEpochMs };
  const { dueEpochMs } = window;
  return isLongAgo(dueEpochMs, nowEpochMs) ? { request, reason: 'overdue', sinceEpochMs: dueEpochMs } : null;
}

/** The window at `place`, which covers `pane`, and whose end is long ago. */
function overdueOver(
  pane: Window,
  ref: WindowRef,
  window: Window | undefined,
  rules: WindowRules,
  nowEpochMs: number,
): OverdueWindow | null {
  const request = requestOf(ref, window ?? pane);
  const isLastOver = ref.sequence === pane.sequence + rules.panes - 1 || pane.count === 0;
  // Only the last of its windows closes a pane; after the others nothing is left to do.
  if (window?.state === 'flushed' && !isLastOver) return null;
  if (window?.state === 'sealed' || window?.state === 'flushed')
    return unfinished(window, request, nowEpochMs);
  return { request, reason: 'overdue', sinceEpochMs: timesOf(ref, rules, nowEpochMs).dueEpochMs };
}

function unfinished(window: Window, request: FlushRequest, nowEpochMs: number): OverdueWindow | null {
  const sinceEpochMs = window.sealedAtEpochMs ?? window.dueEpochMs;
  if (!isLongAgo(sinceEpochMs, nowEpochMs)) return null;
  return { request, reason: window.state === 'flushed' ? 'not-closed' : 'not-flushed', sinceEpochMs };
}

/** An empty pane stands for its own window only: it was put there so that nobody opens it. */
function endedWindowsOver(pane: Window, rules: WindowRules, nowEpochMs: number): readonly WindowRef[] {
  const { series, sequence, count } = pane;
  const windows = count === 0 ? 1 : rules.panes;
  return Array.from({ length: windows }, (_, index) => ({ series, sequence: sequence + index })).filter(
    (ref) => isLongAgo(timesOf(ref, rules, nowEpochMs).dueEpochMs, nowEpochMs),
  );
}

function isSliding(route: SweepRoute): route is NonNullable<SweepRoute> {
  return route !== null && route.rules.paneMs !== null;
}

function isLongAgo(epochMs: number, nowEpochMs: number): boolean {
  return epochMs + GRACE_MS <= nowEpochMs;
}

function requestOf({ series, sequence }: WindowRef, { routeVersion }: Window): FlushRequest {
  return { ref: { series, sequence }, routeVersion };
}

function uniquePlaces(refs: readonly WindowRef[]): readonly WindowRef[] {
  return [...new Map(refs.map((ref) => [windowIdOf(ref), ref])).values()];
}

/**
 * Decides which unclosed windows should have been finished by now, from what the table says about them.
 *
 *   open,   due long ago                    its timer was lost
 *   open,   its route not deployed (so)     a window of a removed or changed route waits no longer
 *   sealed                                  a flush ended before its runs were created, or before that was recorded
 *   flushed                                 a flush ended before its chunks were released
 *
 * Sliding windows: pane j is in the windows j … j+k-1. While the pane is not closed, any of those may not have been
 * created. A window without a pane of its own is in no list, and is found from the panes that it covers.
 */
import type { FlushRequest } from '../executor/flush-windows.ts';
import { timesOf, type WindowRules } from '../windows/window-rules.ts';
import { windowIdOf, type Window, type WindowRef } from '../windows/window.ts';

/** What a sweep needs of the route of a window; null if the route version cannot be read, so that no flush is possible. */
export type SweepRoute = { readonly rules: WindowRules; readonly isDeployed: boolean } | null;

export type OverdueReason = 'overdue' | 'not-flushed' | 'not-closed' | 'route-changed' | 'route-unreadable';

export interface OverdueWindow {
  readonly request: FlushRequest;
  readonly reason: OverdueReason;
  /** The time at which it should have been finished. */
  readonly sinceEpochMs: number;
}

/** Timers arrive a little late and a flush takes time; without this grace period a sweep would find flushes in progress. */
export const GRACE_MS = 60_000;

/** Return the windows that decide about these panes: the windows of the same series that cover them. */
export function refsToRead(
  panes: readonly Window[],
  routes: Routes,
  nowEpochMs: number,
): readonly WindowRef[] {
  const refs = panes.flatMap((pane) => {
    const route = routes(pane.routeVersion);
    return isSliding(route) ? endedWindowsOver(pane, route.rules, nowEpochMs) : [];
  });
  const known = new Set(panes.map(windowIdOf));
  return uniqueRefs(refs).filter((ref) => !known.has(windowIdOf(ref)));
}

export type Routes = (routeVersion: string) => SweepRoute;

/** Return the overdue ones. `windows` holds them and those of `refsToRead`, by window id. */
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
  // Several panes may lead to one window: flush it once, under its own version or that of the latest pane.
  return [...new Map(overdue.map((each) => [windowIdOf(each.request.ref), each])).values()];
}

function overdueTumbling(window: Window, route: SweepRoute, nowEpochMs: number): OverdueWindow | null {
  const request = toFlushRequest(window, window);
  if (route === null) return { request, reason: 'route-unreadable', sinceEpochMs: window.openedAtEpochMs };
  if (window.state !== 'open') return unfinished(window, request, nowEpochMs);
  if (!route.isDeployed) return { request, reason: 'route-changed', sinceEpochMs: window.openedAtEpochMs };
  const { dueEpochMs } = window;
  return isLongAgo(dueEpochMs, nowEpochMs) ? { request, reason: 'overdue', sinceEpochMs: dueEpochMs } : null;
}

/** Return the window at `ref`, which covers `pane`, if its end is long ago and it is unfinished. */
function overdueOver(
  pane: Window,
  ref: WindowRef,
  window: Window | undefined,
  rules: WindowRules,
  nowEpochMs: number,
): OverdueWindow | null {
  const request = toFlushRequest(ref, window ?? pane);
  const isLastOver = ref.sequence === pane.sequence + rules.panes - 1 || pane.count === 0;
  // Only the last window over a pane closes it; after the others nothing is left to do.
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

/** An empty pane stands for its own window only: it was written to prevent others from opening it. */
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

function toFlushRequest({ series, sequence }: WindowRef, { routeVersion }: Window): FlushRequest {
  return { ref: { series, sequence }, routeVersion };
}

function uniqueRefs(refs: readonly WindowRef[]): readonly WindowRef[] {
  return [...new Map(refs.map((ref) => [windowIdOf(ref), ref])).values()];
}

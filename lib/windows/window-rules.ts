/** Rules of windows: when one is opened, how long it stays open, and what fits into it. Pure decisions. */
import type { ClosingSchedule, CompiledWindowing } from '../compiled-config/compiled-coalescing.ts';
import { closingOfSequence, closingTimesOf, scheduleName, sequenceOfClosing } from './closing-times.ts';
import type { LatestWindow } from './window-ports.ts';
import type { FlushReason, OpenedWindow, Window, WindowRef } from './window.ts';

export interface WindowRules {
  /** A window is closed after this long without an event; null when its end does not move. */
  readonly quietMs: number | null;
  /** A window is closed this long after its first event; null when it is closed at the end of its pane. */
  readonly maxWaitMs: number | null;
  /** Length of a pane. Sequences of sliding windows number the panes since the epoch; null when they count up. */
  readonly paneMs: number | null;
  /** Set when windows are closed by a schedule: their sequences say when. */
  readonly closings?: ClosingSchedule;
  /** How many sequences a window's runs cover, its own the last of them. */
  readonly panes: number;
  /** Caps of one flow run. */
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export function windowRulesOf(coalescing: CompiledWindowing): WindowRules {
  const { mode, maxEvents, maxBytes } = coalescing;
  const tumbling = { paneMs: null, panes: 1, maxEvents, maxBytes };
  switch (mode) {
    case 'window':
      return { ...tumbling, quietMs: null, maxWaitMs: coalescing.maxWaitSeconds * 1_000 };
    case 'clock':
      return { ...tumbling, quietMs: null, maxWaitMs: null, closings: coalescing.closings };
    case 'debounce': {
      const { quietSeconds, maxWaitSeconds } = coalescing;
      return { ...tumbling, quietMs: quietSeconds * 1_000, maxWaitMs: maxWaitSeconds * 1_000 };
    }
    case 'sliding': {
      const { sizeSeconds, everySeconds } = coalescing;
      const panes = sizeSeconds / everySeconds;
      return { quietMs: null, maxWaitMs: null, paneMs: everySeconds * 1_000, panes, maxEvents, maxBytes };
    }
  }
}

/** Say what sequences count: windows whose sequences mean different things are in different series. */
export function sequenceMeaning({ paneMs, closings }: WindowRules): string {
  if (closings !== undefined) return `clock/${scheduleName(closings)}`;
  return paneMs === null ? 'tumbling' : `sliding/${paneMs}`;
}

/** Find where an event goes now: the open window, or the sequence to open. */
export function nextWindowRef(
  { sequence, window }: LatestWindow,
  rules: WindowRules,
  nowEpochMs: number,
): { readonly sequence: number; readonly window: Window | null } {
  const pane = sequenceAt(nowEpochMs, rules);
  // A head ahead of this clock was raised by a clock that is: its pane is as good.
  if (sequence === null || sequence < pane) return { sequence: pane, window: null };
  if (window?.state === 'open') return { sequence, window };
  return { sequence: sequenceAfter(sequence, rules), window: null };
}

/** The lowest sequence that a window which is opened now may have. */
function sequenceAt(nowEpochMs: number, { paneMs, closings }: WindowRules): number {
  if (closings !== undefined) return sequenceOfClosing(nextClosing(closings, nowEpochMs));
  return paneMs === null ? 0 : Math.floor(nowEpochMs / paneMs);
}

function sequenceAfter(sequence: number, { closings }: WindowRules): number {
  if (closings === undefined) return sequence + 1;
  return sequenceOfClosing(nextClosing(closings, closingOfSequence(sequence)));
}

/** A schedule that names no time any more was refused when it was configured; a minute is a bound, not a promise. */
function nextClosing(closings: ClosingSchedule, epochMs: number): number {
  return closingTimesOf(closings).nextAfter(epochMs) ?? closingOfSequence(sequenceOfClosing(epochMs) + 1);
}

/** Tell whether windows end by the clock, whatever comes and whatever is deployed. */
export function endsByClock({ paneMs, closings }: WindowRules): boolean {
  return paneMs !== null || closings !== undefined;
}

export function timesOf(
  { sequence }: Pick<WindowRef, 'sequence'>,
  { quietMs, maxWaitMs, paneMs, closings }: WindowRules,
  nowEpochMs: number,
): Pick<OpenedWindow, 'openedAtEpochMs' | 'dueEpochMs' | 'deadlineEpochMs'> {
  if (closings !== undefined) {
    const endEpochMs = closingOfSequence(sequence);
    const openedAtEpochMs = closingTimesOf(closings).previousBefore(endEpochMs);
    return { openedAtEpochMs, dueEpochMs: endEpochMs, deadlineEpochMs: endEpochMs };
  }
  if (paneMs !== null) {
    const endEpochMs = (sequence + 1) * paneMs;
    return { openedAtEpochMs: sequence * paneMs, dueEpochMs: endEpochMs, deadlineEpochMs: endEpochMs };
  }
  const deadlineEpochMs = nowEpochMs + (maxWaitMs ?? 0);
  const dueEpochMs = quietMs === null ? deadlineEpochMs : Math.min(deadlineEpochMs, nowEpochMs + quietMs);
  return { openedAtEpochMs: nowEpochMs, dueEpochMs, deadlineEpochMs };
}

/** Move the due time after another event: in mode debounce only, never back and never beyond the deadline. */
export function movedDue(
  { dueEpochMs, deadlineEpochMs }: Pick<OpenedWindow, 'dueEpochMs' | 'deadlineEpochMs'>,
  { quietMs }: WindowRules,
  nowEpochMs: number,
): number {
  if (quietMs === null) return dueEpochMs;
  return Math.max(dueEpochMs, Math.min(deadlineEpochMs, nowEpochMs + quietMs));
}

/** Batch ids on a page, so that a page stays within one write unit: 70 bytes each. */
const BATCHES_PER_PAGE = 14;

/**
 * Number of the page on which the next addition is listed. Workers that read the window at the same time use the same
 * page, so a page may hold more; but none is ever beyond the page of the final count.
 */
export function pageOf(additions: number): number {
  return Math.floor(additions / BATCHES_PER_PAGE);
}

/** Caps of a window. Those that end by the clock have none: what is too much for one run is split when it is flushed. */
export function capsOf(rules: WindowRules): {
  readonly maxEvents: number;
  readonly maxBytes: number;
} {
  const { maxEvents, maxBytes } = rules;
  return endsByClock(rules)
    ? { maxEvents: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER }
    : { maxEvents, maxBytes };
}

export interface Addition {
  readonly count: number;
  readonly bytes: number;
  readonly routeVersion: string;
}

/** Tell why an open window must be closed before this is added; null when it need not be. */
export function closeReason(
  window: Window,
  { count, bytes, routeVersion }: Addition,
  rules: WindowRules,
  nowEpochMs: number,
): FlushReason | null {
  const caps = capsOf(rules);
  if (!endsByClock(rules) && window.routeVersion !== routeVersion) return 'route-changed';
  if (window.dueEpochMs <= nowEpochMs) return expiryReason(window);
  if (window.count + count > caps.maxEvents) return 'count';
  return window.bytes + bytes > caps.maxBytes ? 'bytes' : null;
}

export function expiryReason({
  dueEpochMs,
  deadlineEpochMs,
}: Pick<OpenedWindow, 'dueEpochMs' | 'deadlineEpochMs'>): FlushReason {
  return dueEpochMs < deadlineEpochMs ? 'quiet' : 'time';
}

/** The time that a window's runs cover, for the labels of its runs. A window is sealed a little after it was due. */
export function spanOf(
  { sequence, openedAtEpochMs, dueEpochMs, sealedAtEpochMs }: Window,
  { paneMs, panes }: WindowRules,
): { readonly startEpochMs: number; readonly endEpochMs: number } {
  if (paneMs !== null) {
    return { startEpochMs: (sequence - panes + 1) * paneMs, endEpochMs: (sequence + 1) * paneMs };
  }
  return { startEpochMs: openedAtEpochMs, endEpochMs: Math.min(dueEpochMs, sealedAtEpochMs ?? dueEpochMs) };
}

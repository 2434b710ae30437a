/** Ports of windows, in roles of three methods or fewer (see `lib/ports.ts`). */
import type { Event } from '../event/event.ts';
import type { Member } from '../routing/member.ts';
import type { FlushReason, OpenedWindow, PartDeployment, Window, WindowRef, WindowSeries } from './window.ts';

/** One event of a chunk, whole: a flush makes parameters or a dead letter of it. */
export interface ChunkEvent {
  readonly member: Member;
  readonly event: Event;
  /** Name of the source that received it. */
  readonly source: string;
}

/** The events of one batch that wait in a window. A chunk is named after its batch, not its window, and never moves. */
export interface Chunk {
  readonly batchId: string;
  readonly windowId: string;
  readonly appendedAtEpochMs: number;
  /** In the order of arrival; never empty. */
  readonly events: readonly ChunkEvent[];
}

export interface WindowAppend {
  readonly chunk: Chunk;
  readonly ref: WindowRef;
  /** Number of the page that lists the chunk; pages are filled one after the other. */
  readonly page: number;
  /** Size of the chunk's events, as `maxBytes` counts it. */
  readonly bytes: number;
  /** The chunk is kept until then at least, so that it outlives the claims that name its batch. */
  readonly keepUntilEpochSeconds: number;
  /** Set when this chunk opens the window; its runs are created for `deploymentRef`. */
  readonly opens: (OpenedWindow & { readonly deploymentRef: string }) | null;
  /** The new due time of an open window, and what it may hold at most before this chunk is added. */
  readonly dueEpochMs: number;
  readonly maxCountBefore: number;
  readonly maxBytesBefore: number;
}

/**
 * - `chunk-exists`: this batch is in a window, this one or an earlier one: the response to an append was lost.
 * - `window-moved`: the window is sealed, full, or cannot be opened any more.
 * - `indeterminate`: it may or may not have happened (time-out, conflicts with other writers that did not end).
 */
export type AppendResult = 'appended' | 'chunk-exists' | 'window-moved' | 'indeterminate';

export interface WindowStore {
  /**
   * Read the head of a series (null: no window of it was ever opened) and the window that it names, if that is there.
   * Strongly consistent. Throws when they could not be read.
   */
  readLatest(series: WindowSeries): Promise<LatestWindow>;
  /**
   * Add a chunk in one transaction: the chunk is put if absent and listed on its page, and the window is opened (put if
   * absent, the head raised to its sequence from below) or added to, if it is open and within the bounds. What is
   * written does not grow with what the window holds.
   */
  append(append: WindowAppend): Promise<AppendResult>;
  /**
   * Seal the window if it is open: from then on no chunk is added. `not-open`: it is sealed already, or not there. A
   * `flushLeaseEpochMs` says that the caller flushes it now; null that it only closes it.
   */
  seal(
    ref: WindowRef,
    reason: FlushReason,
    sealedAtEpochMs: number,
    flushLeaseEpochMs: number | null,
  ): Promise<SealResult>;
}

/** Abandons a batch that was claimed for a window and has to go elsewhere. */
export interface BatchAbandoner {
  /** Put an empty chunk of this batch if there is none: nothing of it can be added to a window any more. */
  abandonBatch(batchId: string): Promise<AbandonResult>;
}

export type AbandonResult = 'abandoned' | 'chunk-exists' | 'indeterminate';

export interface LatestWindow {
  readonly sequence: number | null;
  readonly window: Window | null;
}

export type SealResult = 'sealed' | 'not-open' | 'indeterminate';

/** Where the chunks of a window are listed. */
export type ListedWindow = WindowRef & Pick<Window, 'additions'>;

/** Strongly consistent reads for a flush. Each throws when something could not be read. */
export interface WindowReader {
  readWindows(refs: readonly WindowRef[]): Promise<ReadonlyMap<string, Window>>;
  /** Read the chunks that are listed by these windows, by batch id. Those without events (any more) are left out. */
  readChunks(windows: readonly ListedWindow[]): Promise<ListedChunks>;
}

export interface ListedChunks {
  /** Batch ids of all chunks that the windows list. */
  readonly batchIds: readonly string[];
  readonly chunks: ReadonlyMap<string, Chunk>;
}

export interface WindowFlushStore {
  /**
   * Make sure that this sequence is never opened: the head is raised to it, and a sealed window without events is put
   * there if none is. `exists`: there is a window.
   */
  skipSequence(ref: WindowRef, routeVersion: string, skippedAtEpochMs: number): Promise<SkipResult>;
  /** Take the flush lease of a sealed window, if it is still the one that was read. */
  leaseFlush(ref: WindowRef, readEpochMs: number | null, untilEpochMs: number): Promise<LeaseResult>;
  /** Sealed → flushed. Up to a hundred `flowRunIds` are kept for people. Idempotent. */
  markFlushed(ref: WindowRef, flowRunIds: readonly string[]): Promise<MarkResult>;
}

export type SkipResult = 'skipped' | 'exists' | 'indeterminate';
export type LeaseResult = 'leased' | 'changed' | 'indeterminate';
export type MarkResult = 'marked' | 'indeterminate';

/** Redirects a window whose deployment is gone. */
export interface WindowRedirector {
  /** Create the runs from a part on for another deployment, if the window's deployments are those that were read. */
  redirect(ref: WindowRef, from: readonly PartDeployment[], to: PartDeployment): Promise<RedirectResult>;
}

export type RedirectResult = 'moved' | 'changed' | 'indeterminate';

/** Closes a window after its flush was marked; all of it may be repeated. */
export interface WindowCloser {
  /**
   * Drop the events of the chunks that the window lists. A chunk expires then or when its claims do, whichever is
   * later; until then its members still are duplicates.
   */
  expireChunks(window: ListedWindow, expiresAtEpochSeconds: number): Promise<void>;
  /** Take the window off the list of those that are not closed, and let it expire. */
  closeWindow(ref: WindowRef, expiresAtEpochSeconds: number): Promise<void>;
}

/** Windows that are not closed, for the sweep. Eventually consistent: the list says where to look, and no more. */
export interface WindowIndex {
  listUnclosed(): AsyncIterable<WindowRef>;
}

export interface WindowTimer {
  readonly windowId: string;
  /** Checked when it is read: every producer of the queue could have written the message. */
  readonly ref: WindowRef;
  /** The route version for a window that is not there; a window that is there has its own. */
  readonly routeVersion: string;
  readonly dueEpochMs: number;
}

export interface TimerQueue {
  /** Resolves with the indexes that were not stored. A timer beyond the queue's longest delay is delivered early. */
  sendTimers(timers: readonly WindowTimer[]): Promise<readonly number[]>;
}

/** Routes as they were, by the hash of their content: windows are flushed under them. Never deleted. */
export interface RouteVersionStore {
  putVersion(version: string, routeJson: string): Promise<void>;
  /** Returns null when there is none. Throws when it could not be read. */
  readVersion(version: string): Promise<string | null>;
}

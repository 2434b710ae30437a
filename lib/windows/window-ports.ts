/** What windows need of the world, in roles of three methods or fewer (see `lib/ports.ts`). */
import type { Event } from '../event/event.ts';
import type { Member } from '../routing/member.ts';
import type { FlushReason, OpenedWindow, PartDeployment, Window, WindowSeries, WindowRef } from './window.ts';

/** One event of a chunk, whole: what a flush makes parameters or a dead letter of. */
export interface ChunkEvent {
  readonly member: Member;
  readonly event: Event;
  /** Name of the source that received it. */
  readonly source: string;
}

/** Events of one batch that wait in a window. Named after the batch, not the window: an event is in one chunk for ever. */
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
  /** Bytes of the chunk's events, as `maxBytes` counts them. */
  readonly bytes: number;
  /** Set when the window is opened by this chunk; `deploymentRef` is what its runs are created for. */
  readonly opens: (OpenedWindow & { readonly deploymentRef: string }) | null;
  /** Of an open window: its new due time, and what it may hold at most before this chunk comes in. */
  readonly dueEpochMs: number;
  readonly maxCountBefore: number;
  readonly maxBytesBefore: number;
}

/**
 * - `chunk-exists`: this batch is in a window, this one or an earlier one: an append whose answer was lost.
 * - `window-moved`: the window is sealed, full, or cannot be opened any more.
 * - `indeterminate`: it may or may not have happened (time-out, conflicts with others that did not end).
 */
export type AppendResult = 'appended' | 'chunk-exists' | 'window-moved' | 'indeterminate';

export interface WindowStore {
  /**
   * The line's head (null: never opened) and the window with that sequence, if it is there. Strongly consistent.
   * Throws when they could not be read.
   */
  readLatest(series: WindowSeries): Promise<LatestWindow>;
  /**
   * One transaction. The chunk is put if absent; and the window is opened (put if absent, and the head raised to its
   * sequence from below), or added to, if it is open and within the bounds.
   */
  append(append: WindowAppend): Promise<AppendResult>;
  /** The window is sealed if it is open; from then on no chunk comes in. `not-open`: sealed already, or not there. */
  seal(ref: WindowRef, reason: FlushReason, sealedAtEpochMs: number): Promise<SealResult>;
}

/** For a batch that was claimed for a window and has to go elsewhere: nothing of it may come into a window any more. */
export interface BatchAbandoner {
  /** Puts an empty chunk of this batch if there is none. */
  abandonBatch(batchId: string): Promise<'abandoned' | 'chunk-exists' | 'indeterminate'>;
}

export interface LatestWindow {
  readonly sequence: number | null;
  readonly window: Window | null;
}

export type SealResult = 'sealed' | 'not-open' | 'indeterminate';

/** Strongly consistent reads for a flush. Each throws when something could not be read. */
export interface WindowReader {
  readWindows(refs: readonly WindowRef[]): Promise<ReadonlyMap<string, Window>>;
  /** By batch id. */
  readChunks(batchIds: readonly string[]): Promise<ReadonlyMap<string, Chunk>>;
}

export interface WindowFlushStore {
  /**
   * Makes sure that this sequence is never opened: the head is raised to it, and a sealed window without events is put
   * there if none is. `exists`: there is a window.
   */
  burn(
    ref: WindowRef,
    routeVersion: string,
    skippedAtEpochMs: number,
  ): Promise<'skipped' | 'exists' | 'indeterminate'>;
  /** From a part on, another deployment; if the window's deployments are still those that were read. */
  redirect(
    ref: WindowRef,
    from: readonly PartDeployment[],
    to: PartDeployment,
  ): Promise<'moved' | 'changed' | 'indeterminate'>;
  /** Sealed → flushed. `flowRunIds` answer "what became of it". Idempotent. */
  markFlushed(ref: WindowRef, flowRunIds: readonly string[]): Promise<'marked' | 'indeterminate'>;
}

/** What is done after the flush was marked; all of it may be done again. */
export interface WindowCloser {
  /** The chunk's events are dropped and it expires from then on; its members still answer "duplicate". */
  expireChunks(batchIds: readonly string[], expiresAtEpochSeconds: number): Promise<void>;
  /** The window leaves the list of those that are not done, and expires. */
  closeWindow(ref: WindowRef, expiresAtEpochSeconds: number): Promise<void>;
}

/** Windows that are not closed, for the sweep. Eventually consistent: it is a list of what to look at, no more. */
export interface WindowIndex {
  listUnclosed(): AsyncIterable<WindowRef>;
}

export interface WindowTimer {
  readonly windowId: string;
  /** A place in a message that anybody could have written is checked when it is read. */
  readonly ref: WindowRef;
  readonly routeVersion: string;
  readonly dueEpochMs: number;
}

export interface TimerQueue {
  /** Resolves with the indexes that were not stored. A timer that is due later than the queue can wait comes early. */
  sendTimers(timers: readonly WindowTimer[]): Promise<readonly number[]>;
}

/** Routes as they were, by the hash of their content: what windows are flushed under. Never deleted. */
export interface RouteVersionStore {
  putVersion(version: string, routeJson: string): Promise<void>;
  /** Null when there is none. Throws when it could not be read. */
  readVersion(version: string): Promise<string | null>;
}

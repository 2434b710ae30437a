import type {
  AppendResult,
  Chunk,
  BatchAbandoner,
  LatestWindow,
  LeaseResult,
  ListedChunks,
  ListedWindow,
  RouteVersionStore,
  SealResult,
  WindowAppend,
  WindowCloser,
  WindowFlushStore,
  WindowIndex,
  WindowReader,
  WindowRedirector,
  WindowStore,
} from '../../../lib/windows/window-ports.ts';
import {
  windowIdOf,
  type FlushReason,
  type PartDeployment,
  type Window,
  type WindowSeries,
  type WindowRef,
} from '../../../lib/windows/window.ts';
import { InjectedFaultError, type Fault } from '../proxies/fault.ts';
import { InMemoryBatchRecordStore } from './in-memory-batch-record-store.ts';

export type WindowOperation =
  | keyof WindowStore
  | keyof BatchAbandoner
  | keyof WindowReader
  | keyof WindowFlushStore
  | keyof WindowRedirector
  | keyof WindowCloser
  | keyof WindowIndex
  | keyof RouteVersionStore;

/** `id`: of the window, of the batch, of the line (`<route>#<key hash>`), or the route version; empty for the list. */
export type WindowFault = (operation: WindowOperation, id: string) => Fault;

export interface StoredWindow {
  readonly window: Window;
  /** Of a window that is flushed. */
  readonly flowRunIds: readonly string[];
  /** Null until it is closed. */
  readonly expiresAtEpochSeconds: number | null;
}

/** All that windows keep in the table, in maps; `fault` decides for each call what goes wrong. */
export class InMemoryWindowStore
  implements
    WindowStore,
    BatchAbandoner,
    WindowReader,
    WindowFlushStore,
    WindowRedirector,
    WindowCloser,
    WindowIndex,
    RouteVersionStore
{
  /** The highest sequence of each line that cannot be opened any more, by `<route>#<key hash>`. */
  readonly heads = new Map<string, number>();
  /** By window id. */
  readonly windows = new Map<string, StoredWindow>();
  readonly routeVersions = new Map<string, string>();
  /** Batch ids of the chunks of each window, by window id. */
  readonly chunkIds = new Map<string, readonly string[]>();
  readonly #records: InMemoryBatchRecordStore;
  readonly #fault: WindowFault;

  /** `records` is where chunks are kept: they are the records of their batches. */
  constructor(
    records: InMemoryBatchRecordStore = new InMemoryBatchRecordStore(),
    fault: WindowFault = () => 'none',
  ) {
    this.#records = records;
    this.#fault = fault;
  }

  async readLatest(series: WindowSeries): Promise<LatestWindow> {
    this.#read('readLatest', seriesIdOf(series));
    const sequence = this.heads.get(seriesIdOf(series)) ?? null;
    const window = sequence === null ? null : this.#windowOf(windowIdOf({ series, sequence }));
    return { sequence, window };
  }

  async append(append: WindowAppend): Promise<AppendResult> {
    return this.#write('append', append.chunk.batchId, () => this.#append(append));
  }

  async seal(
    ref: WindowRef,
    reason: FlushReason,
    sealedAtEpochMs: number,
    flushLeaseEpochMs: number | null,
  ): Promise<SealResult> {
    const windowId = windowIdOf(ref);
    return this.#write('seal', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window?.state !== 'open') return 'not-open';
      this.#put({ ...window, state: 'sealed', reason, sealedAtEpochMs, flushLeaseEpochMs });
      return 'sealed';
    });
  }

  async abandonBatch(batchId: string): Promise<'abandoned' | 'chunk-exists' | 'indeterminate'> {
    return this.#write('abandonBatch', batchId, () => {
      if (this.#records.has(batchId)) return 'chunk-exists';
      const record = { kind: 'chunk', batchId, windowId: '', members: [], isClosed: false } as const;
      this.#records.chunks.set(batchId, {
        record,
        chunk: null,
        keepUntilEpochSeconds: 0,
        expiresAtEpochSeconds: null,
      });
      return 'abandoned';
    });
  }

  async readWindows(refs: readonly WindowRef[]): Promise<ReadonlyMap<string, Window>> {
    const windows = new Map<string, Window>();
    for (const windowId of refs.map(windowIdOf)) {
      this.#read('readWindows', windowId);
      const window = this.#windowOf(windowId);
      if (window !== null) windows.set(windowId, window);
    }
    return windows;
  }

  async readChunks(windows: readonly ListedWindow[]): Promise<ListedChunks> {
    const batchIds = windows.flatMap((ref) => this.chunkIds.get(windowIdOf(ref)) ?? []);
    const chunks = new Map<string, Chunk>();
    for (const batchId of batchIds) {
      this.#read('readChunks', batchId);
      const chunk = this.#records.chunks.get(batchId)?.chunk ?? null;
      if (chunk !== null) chunks.set(batchId, chunk);
    }
    return { batchIds, chunks };
  }

  async leaseFlush(ref: WindowRef, readEpochMs: number | null, untilEpochMs: number): Promise<LeaseResult> {
    const windowId = windowIdOf(ref);
    return this.#write('leaseFlush', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window?.state !== 'sealed' || window.flushLeaseEpochMs !== readEpochMs) return 'changed';
      this.#put({ ...window, flushLeaseEpochMs: untilEpochMs });
      return 'leased';
    });
  }

  async skipSequence(
    ref: WindowRef,
    routeVersion: string,
    skippedAtEpochMs: number,
  ): Promise<'skipped' | 'exists' | 'indeterminate'> {
    const windowId = windowIdOf(ref);
    return this.#write('skipSequence', windowId, () => {
      this.#raiseHead(ref);
      if (this.windows.has(windowId)) return 'exists';
      this.#put({
        ...ref,
        key: '',
        routeVersion,
        openedAtEpochMs: skippedAtEpochMs,
        dueEpochMs: skippedAtEpochMs,
        deadlineEpochMs: skippedAtEpochMs,
        state: 'sealed',
        isClosed: false,
        count: 0,
        bytes: 0,
        additions: 0,
        reason: 'time',
        sealedAtEpochMs: skippedAtEpochMs,
        flushLeaseEpochMs: null,
        deployments: [],
      });
      return 'skipped';
    });
  }

  async redirect(
    ref: WindowRef,
    from: readonly PartDeployment[],
    to: PartDeployment,
  ): Promise<'moved' | 'changed' | 'indeterminate'> {
    const windowId = windowIdOf(ref);
    return this.#write('redirect', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window === null || !areEqual(window.deployments, from)) return 'changed';
      this.#put({ ...window, deployments: [...from, to] });
      return 'moved';
    });
  }

  async markFlushed(ref: WindowRef, flowRunIds: readonly string[]): Promise<'marked' | 'indeterminate'> {
    const windowId = windowIdOf(ref);
    return this.#write('markFlushed', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window === null || window.state === 'open') return 'indeterminate';
      this.#put({ ...window, state: 'flushed' }, { flowRunIds });
      return 'marked';
    });
  }

  async expireChunks(window: ListedWindow, notBeforeEpochSeconds: number): Promise<void> {
    for (const batchId of this.chunkIds.get(windowIdOf(window)) ?? []) {
      const result = this.#write('expireChunks', batchId, () => {
        const stored = this.#records.chunks.get(batchId);
        if (stored === undefined) return 'gone';
        const record = { ...stored.record, isClosed: true };
        const { keepUntilEpochSeconds } = stored;
        const expiresAtEpochSeconds = Math.max(notBeforeEpochSeconds, keepUntilEpochSeconds);
        this.#records.chunks.set(batchId, {
          record,
          chunk: null,
          keepUntilEpochSeconds,
          expiresAtEpochSeconds,
        });
        return 'expires';
      });
      if (result === 'indeterminate') throw new InjectedFaultError('expireChunks');
    }
  }

  async closeWindow(ref: WindowRef, expiresAtEpochSeconds: number): Promise<void> {
    const windowId = windowIdOf(ref);
    const result = this.#write('closeWindow', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window === null) return 'gone';
      this.#put({ ...window, isClosed: true }, { expiresAtEpochSeconds });
      return 'closed';
    });
    if (result === 'indeterminate') throw new InjectedFaultError('closeWindow');
  }

  async *listUnclosed(): AsyncIterable<WindowRef> {
    this.#read('listUnclosed', '');
    for (const { window, expiresAtEpochSeconds } of [...this.windows.values()]) {
      const { series, sequence } = window;
      if (expiresAtEpochSeconds === null) yield { series, sequence };
    }
  }

  async putVersion(version: string, routeJson: string): Promise<void> {
    const result = this.#write('putVersion', version, () => {
      if (!this.routeVersions.has(version)) this.routeVersions.set(version, routeJson);
      return 'stored';
    });
    if (result === 'indeterminate') throw new InjectedFaultError('putVersion');
  }

  async readVersion(version: string): Promise<string | null> {
    this.#read('readVersion', version);
    return this.routeVersions.get(version) ?? null;
  }

  /** What the table's TTL does, if it ever gets to it. */
  deleteExpired(nowEpochSeconds: number): void {
    for (const items of [this.windows, this.#records.chunks]) {
      for (const [id, { expiresAtEpochSeconds }] of items) {
        if (expiresAtEpochSeconds !== null && expiresAtEpochSeconds < nowEpochSeconds) items.delete(id);
      }
    }
  }

  #append(append: WindowAppend): AppendResult {
    const { chunk, ref, opens } = append;
    if (this.#records.has(chunk.batchId)) return 'chunk-exists';
    const windowId = windowIdOf(ref);
    const window = this.#windowOf(windowId);
    if (opens === null) {
      if (window === null || !takes(window, append)) return 'window-moved';
      this.#put(withChunk(window, append));
    } else {
      if (window !== null || !this.#raiseHead(ref)) return 'window-moved';
      const { deploymentRef, ...opened } = opens;
      const empty = {
        count: 0,
        bytes: 0,
        additions: 0,
        reason: null,
        sealedAtEpochMs: null,
        flushLeaseEpochMs: null,
      };
      const deployments = [{ fromPart: 0, deploymentRef }];
      const open = { ...opened, ...empty, state: 'open', isClosed: false, deployments } as const;
      this.#put(withChunk(open, { ...append, dueEpochMs: opens.dueEpochMs }));
    }
    const members = chunk.events.map(({ member }) => member.memberId);
    const record = {
      kind: 'chunk',
      batchId: chunk.batchId,
      windowId: chunk.windowId,
      members,
      isClosed: false,
    } as const;
    const { keepUntilEpochSeconds } = append;
    this.#records.chunks.set(chunk.batchId, {
      record,
      chunk,
      keepUntilEpochSeconds,
      expiresAtEpochSeconds: null,
    });
    this.chunkIds.set(windowId, [...(this.chunkIds.get(windowId) ?? []), chunk.batchId]);
    return 'appended';
  }

  #windowOf(windowId: string): Window | null {
    return this.windows.get(windowId)?.window ?? null;
  }

  #put(window: Window, changes: Partial<StoredWindow> = {}): void {
    const windowId = windowIdOf(window);
    const before = this.windows.get(windowId) ?? { flowRunIds: [], expiresAtEpochSeconds: null };
    this.windows.set(windowId, { ...before, ...changes, window });
  }

  /** False when it is there already, or above. */
  #raiseHead({ series, sequence }: WindowRef): boolean {
    const head = this.heads.get(seriesIdOf(series));
    if (head !== undefined && head >= sequence) return false;
    this.heads.set(seriesIdOf(series), sequence);
    return true;
  }

  #read(operation: WindowOperation, id: string): void {
    if (this.#fault(operation, id) !== 'none') throw new InjectedFaultError(operation);
  }

  #write<Answer>(operation: WindowOperation, id: string, write: () => Answer): Answer | 'indeterminate' {
    const fault = this.#fault(operation, id);
    if (fault === 'broken') throw new InjectedFaultError(operation);
    if (fault === 'lost-request') return 'indeterminate';
    const result = write();
    return fault === 'lost-answer' ? 'indeterminate' : result;
  }
}

function seriesIdOf({ route, keyHash }: WindowSeries): string {
  return `${route}#${keyHash}`;
}

function takes(window: Window, { maxCountBefore, maxBytesBefore }: WindowAppend): boolean {
  return window.state === 'open' && window.count <= maxCountBefore && window.bytes <= maxBytesBefore;
}

function withChunk(window: Window, { chunk, bytes, dueEpochMs }: WindowAppend): Window {
  return {
    ...window,
    count: window.count + chunk.events.length,
    bytes: window.bytes + bytes,
    additions: window.additions + 1,
    dueEpochMs,
  };
}

function areEqual(one: readonly PartDeployment[], other: readonly PartDeployment[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

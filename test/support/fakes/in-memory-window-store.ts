import type {
  AppendAnswer,
  Chunk,
  ChunkVoider,
  LatestWindow,
  RouteVersionStore,
  SealAnswer,
  WindowAppend,
  WindowCloser,
  WindowFlushStore,
  WindowIndex,
  WindowReader,
  WindowStore,
} from '../../../lib/windows/window-ports.ts';
import {
  windowIdOf,
  type FlushReason,
  type PartDeployment,
  type Window,
  type WindowLine,
  type WindowPlace,
} from '../../../lib/windows/window.ts';
import { InjectedFaultError, type Fault } from '../proxies/fault.ts';
import { InMemoryBatchRecordStore } from './in-memory-batch-record-store.ts';

export type WindowOperation =
  | keyof WindowStore
  | keyof ChunkVoider
  | keyof WindowReader
  | keyof WindowFlushStore
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
    ChunkVoider,
    WindowReader,
    WindowFlushStore,
    WindowCloser,
    WindowIndex,
    RouteVersionStore
{
  /** The highest sequence of each line that cannot be opened any more, by `<route>#<key hash>`. */
  readonly heads = new Map<string, number>();
  /** By window id. */
  readonly windows = new Map<string, StoredWindow>();
  readonly routeVersions = new Map<string, string>();
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

  async readLatest(line: WindowLine): Promise<LatestWindow> {
    this.#read('readLatest', lineIdOf(line));
    const sequence = this.heads.get(lineIdOf(line)) ?? null;
    const window = sequence === null ? null : this.#windowOf(windowIdOf({ line, sequence }));
    return { sequence, window };
  }

  async append(append: WindowAppend): Promise<AppendAnswer> {
    return this.#write('append', append.chunk.batchId, () => this.#append(append));
  }

  async seal(place: WindowPlace, reason: FlushReason, sealedAtEpochMs: number): Promise<SealAnswer> {
    const windowId = windowIdOf(place);
    return this.#write('seal', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window?.state !== 'open') return 'not-open';
      this.#put({ ...window, state: 'sealed', reason, sealedAtEpochMs });
      return 'sealed';
    });
  }

  async voidChunk(batchId: string): Promise<'voided' | 'chunk-exists' | 'unclear'> {
    return this.#write('voidChunk', batchId, () => {
      if (this.#records.has(batchId)) return 'chunk-exists';
      const record = { batchId, windowId: '', members: [], isClosed: false };
      this.#records.chunks.set(batchId, { record, chunk: null, expiresAtEpochSeconds: null });
      return 'voided';
    });
  }

  async readWindows(places: readonly WindowPlace[]): Promise<ReadonlyMap<string, Window>> {
    const windows = new Map<string, Window>();
    for (const windowId of places.map(windowIdOf)) {
      this.#read('readWindows', windowId);
      const window = this.#windowOf(windowId);
      if (window !== null) windows.set(windowId, window);
    }
    return windows;
  }

  async readChunks(batchIds: readonly string[]): Promise<ReadonlyMap<string, Chunk>> {
    const chunks = new Map<string, Chunk>();
    for (const batchId of batchIds) {
      this.#read('readChunks', batchId);
      const chunk = this.#records.chunks.get(batchId)?.chunk ?? null;
      if (chunk !== null) chunks.set(batchId, chunk);
    }
    return chunks;
  }

  async burn(
    place: WindowPlace,
    routeVersion: string,
    burntAtEpochMs: number,
  ): Promise<'burnt' | 'exists' | 'unclear'> {
    const windowId = windowIdOf(place);
    return this.#write('burn', windowId, () => {
      this.#raiseHead(place);
      if (this.windows.has(windowId)) return 'exists';
      this.#put({
        ...place,
        key: '',
        routeVersion,
        openedAtEpochMs: burntAtEpochMs,
        dueEpochMs: burntAtEpochMs,
        deadlineEpochMs: burntAtEpochMs,
        state: 'sealed',
        isClosed: false,
        count: 0,
        bytes: 0,
        chunkIds: [],
        reason: 'time',
        sealedAtEpochMs: burntAtEpochMs,
        deployments: [],
      });
      return 'burnt';
    });
  }

  async redirect(
    place: WindowPlace,
    from: readonly PartDeployment[],
    to: PartDeployment,
  ): Promise<'moved' | 'changed' | 'unclear'> {
    const windowId = windowIdOf(place);
    return this.#write('redirect', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window === null || !areEqual(window.deployments, from)) return 'changed';
      this.#put({ ...window, deployments: [...from, to] });
      return 'moved';
    });
  }

  async markFlushed(place: WindowPlace, flowRunIds: readonly string[]): Promise<'marked' | 'unclear'> {
    const windowId = windowIdOf(place);
    return this.#write('markFlushed', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window === null || window.state === 'open') return 'unclear';
      this.#put({ ...window, state: 'flushed' }, { flowRunIds });
      return 'marked';
    });
  }

  async expireChunks(batchIds: readonly string[], expiresAtEpochSeconds: number): Promise<void> {
    for (const batchId of batchIds) {
      const answer = this.#write('expireChunks', batchId, () => {
        const stored = this.#records.chunks.get(batchId);
        if (stored === undefined) return 'gone';
        const record = { ...stored.record, isClosed: true };
        this.#records.chunks.set(batchId, { record, chunk: null, expiresAtEpochSeconds });
        return 'expires';
      });
      if (answer === 'unclear') throw new InjectedFaultError('expireChunks');
    }
  }

  async closeWindow(place: WindowPlace, expiresAtEpochSeconds: number): Promise<void> {
    const windowId = windowIdOf(place);
    const answer = this.#write('closeWindow', windowId, () => {
      const window = this.#windowOf(windowId);
      if (window === null) return 'gone';
      this.#put({ ...window, isClosed: true }, { expiresAtEpochSeconds });
      return 'closed';
    });
    if (answer === 'unclear') throw new InjectedFaultError('closeWindow');
  }

  async *listUnclosed(): AsyncIterable<WindowPlace> {
    this.#read('listUnclosed', '');
    for (const { window, expiresAtEpochSeconds } of [...this.windows.values()]) {
      const { line, sequence } = window;
      if (expiresAtEpochSeconds === null) yield { line, sequence };
    }
  }

  async putVersion(version: string, routeJson: string): Promise<void> {
    const answer = this.#write('putVersion', version, () => {
      if (!this.routeVersions.has(version)) this.routeVersions.set(version, routeJson);
      return 'stored';
    });
    if (answer === 'unclear') throw new InjectedFaultError('putVersion');
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

  #append(append: WindowAppend): AppendAnswer {
    const { chunk, place, opens } = append;
    if (this.#records.has(chunk.batchId)) return 'chunk-exists';
    const windowId = windowIdOf(place);
    const window = this.#windowOf(windowId);
    if (opens === null) {
      if (window === null || !takes(window, append)) return 'window-moved';
      this.#put(withChunk(window, append));
    } else {
      if (window !== null || !this.#raiseHead(place)) return 'window-moved';
      const { deploymentRef, ...opened } = opens;
      const empty = { count: 0, bytes: 0, chunkIds: [], reason: null, sealedAtEpochMs: null };
      const deployments = [{ fromPart: 0, deploymentRef }];
      const open = { ...opened, ...empty, state: 'open', isClosed: false, deployments } as const;
      this.#put(withChunk(open, { ...append, dueEpochMs: opens.dueEpochMs }));
    }
    const members = chunk.events.map(({ member }) => member.memberId);
    const record = { batchId: chunk.batchId, windowId: chunk.windowId, members, isClosed: false };
    this.#records.chunks.set(chunk.batchId, { record, chunk, expiresAtEpochSeconds: null });
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
  #raiseHead({ line, sequence }: WindowPlace): boolean {
    const head = this.heads.get(lineIdOf(line));
    if (head !== undefined && head >= sequence) return false;
    this.heads.set(lineIdOf(line), sequence);
    return true;
  }

  #read(operation: WindowOperation, id: string): void {
    if (this.#fault(operation, id) !== 'none') throw new InjectedFaultError(operation);
  }

  #write<Answer>(operation: WindowOperation, id: string, write: () => Answer): Answer | 'unclear' {
    const fault = this.#fault(operation, id);
    if (fault === 'broken') throw new InjectedFaultError(operation);
    if (fault === 'lost-request') return 'unclear';
    const answer = write();
    return fault === 'lost-answer' ? 'unclear' : answer;
  }
}

function lineIdOf({ route, keyHash }: WindowLine): string {
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
    chunkIds: [...window.chunkIds, chunk.batchId],
    dueEpochMs,
  };
}

function areEqual(one: readonly PartDeployment[], other: readonly PartDeployment[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

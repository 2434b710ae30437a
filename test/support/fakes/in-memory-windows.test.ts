/** The fakes of what windows need keep the same promises as the real parts. */
import { describe, expect, it } from 'vitest';
import { defineTimerQueueContract } from '../../contract/timer-queue.contract.ts';
import { defineWindowFlushStoreContract } from '../../contract/window-flush-store.contract.ts';
import { defineWindowStoreContract } from '../../contract/window-store.contract.ts';
import { windowIdOf, type WindowRef } from '../../../lib/windows/window.ts';
import { InMemoryBatchRecordStore } from './in-memory-batch-record-store.ts';
import { InMemoryTimerQueue } from './in-memory-timer-queue.ts';
import { InMemoryWindowStore } from './in-memory-window-store.ts';
import { sampleAppend, sampleOpening, sampleWindowRef } from '../builders/sample-windows.ts';

defineWindowStoreContract('InMemoryWindowStore', () => Promise.resolve(stores()));
defineWindowFlushStoreContract('InMemoryWindowStore', () => Promise.resolve(stores()));

defineTimerQueueContract('InMemoryTimerQueue', () => {
  const queue = new InMemoryTimerQueue();
  const nowEpochMs = 1_790_000_000_000;
  const aSecondLater = nowEpochMs + 1_000;
  return Promise.resolve({
    queue,
    nowEpochMs,
    receiveTimers: () => Promise.resolve(queue.takeDue(aSecondLater)),
  });
});

describe('InMemoryWindowStore with faults', () => {
  it('does what was asked when only the answer is lost, and nothing when the request is', async () => {
    const records = new InMemoryBatchRecordStore();
    const lost = sampleOpening(sampleWindowRef(), 'lost request').chunk.batchId;
    const store = new InMemoryWindowStore(records, (operation, id) => {
      if (operation !== 'append') return 'none';
      return id === lost ? 'lost-request' : 'lost-answer';
    });

    expect(await store.append(sampleOpening(sampleWindowRef(), 'lost request'))).toBe('indeterminate');
    expect(store.windows.size).toBe(0);
    expect(await store.append(sampleOpening(sampleWindowRef(), 'lost answer'))).toBe('indeterminate');
    expect(store.windows.size).toBe(1);
    expect(await store.append(sampleAppend(sampleWindowRef(), 'lost answer'))).toBe('indeterminate');
    expect(store.windows.get(windowIdOf(sampleWindowRef()))?.window.count).toBe(1);
  });

  it('throws when a read fails, and when no result is expected', async () => {
    const store = new InMemoryWindowStore(undefined, (operation) =>
      operation === 'closeWindow' ? 'lost-answer' : 'broken',
    );

    await expect(store.seal(sampleWindowRef(), 'time', 1, null)).rejects.toThrow('seal');
    await expect(store.readLatest(sampleWindowRef().series)).rejects.toThrow('readLatest');
    await expect(store.closeWindow(sampleWindowRef(), 1)).rejects.toThrow('closeWindow');
  });
});

function stores() {
  const records = new InMemoryBatchRecordStore();
  const store = new InMemoryWindowStore(records);
  const expiryOf = (item: { readonly batchId: string } | WindowRef): Promise<number | null> => {
    const stored = 'batchId' in item ? records.chunks.get(item.batchId) : store.windows.get(windowIdOf(item));
    return Promise.resolve(stored?.expiresAtEpochSeconds ?? null);
  };
  return { windows: store, reader: store, flushes: store, index: store, versions: store, records, expiryOf };
}

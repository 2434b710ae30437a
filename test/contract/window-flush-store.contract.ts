import { describe, expect, it } from 'vitest';
import type { BatchRecordStore } from '../../lib/ports.ts';
import { windowIdOf, type WindowRef } from '../../lib/windows/window.ts';
import type {
  BatchAbandoner,
  RouteVersionStore,
  WindowCloser,
  WindowFlushStore,
  WindowIndex,
  WindowReader,
  WindowRedirector,
  WindowStore,
} from '../../lib/windows/window-ports.ts';
import {
  sampleAppend,
  sampleOpening,
  sampleWindowRef,
  SAMPLE_ROUTE_VERSION,
} from '../support/builders/sample-windows.ts';

export interface WindowFlushStoreUnderTest {
  readonly windows: WindowStore & BatchAbandoner;
  readonly reader: WindowReader;
  readonly flushes: WindowFlushStore & WindowRedirector & WindowCloser;
  readonly index: WindowIndex;
  readonly versions: RouteVersionStore;
  readonly records: BatchRecordStore;
  /** TTL of the item with this batch or window id, read past the store; null when there is none. */
  readonly expiryOf: (item: { readonly batchId: string } | WindowRef) => Promise<number | null>;
}

const EXPIRES_AT = 1_801_382_400;

/** What is promised by WindowFlushStore, WindowCloser, WindowIndex and RouteVersionStore. */
export function defineWindowFlushStoreContract(
  name: string,
  makeStores: () => Promise<WindowFlushStoreUnderTest>,
): void {
  describe(`${name} as a flush store`, () => {
    it('skips a sequence that was never opened: it is sealed, empty, and never opened', async () => {
      const { windows, reader, flushes } = await makeStores();
      const ref = sampleWindowRef(4);

      expect(await flushes.skipSequence(ref, SAMPLE_ROUTE_VERSION, 1_790_000_000_000)).toBe('skipped');
      expect(await windows.append(sampleOpening(ref, 'late'))).toBe('window-moved');
      expect(await windows.append(sampleAppend(ref, 'later'))).toBe('window-moved');
      expect(await windows.append(sampleOpening(sampleWindowRef(3), 'below'))).toBe('window-moved');

      const read = await reader.readWindows([ref]);
      expect(read.get(windowIdOf(ref))).toEqual({
        ...ref,
        key: '',
        routeVersion: SAMPLE_ROUTE_VERSION,
        openedAtEpochMs: 1_790_000_000_000,
        dueEpochMs: 1_790_000_000_000,
        deadlineEpochMs: 1_790_000_000_000,
        state: 'sealed',
        isClosed: false,
        count: 0,
        bytes: 0,
        additions: 0,
        reason: 'time',
        sealedAtEpochMs: 1_790_000_000_000,
        flushLeaseEpochMs: null,
        deployments: [],
      });
      expect(await windows.readLatest(ref.series)).toMatchObject({ sequence: 4, window: { count: 0 } });
      expect(await windows.append(sampleOpening(sampleWindowRef(5), 'next'))).toBe('appended');
    });

    it('does not skip a window that is there, nor one twice', async () => {
      const { windows, flushes } = await makeStores();
      const ref = sampleWindowRef(1);
      await windows.append(sampleOpening(ref, 'batch'));

      expect(await flushes.skipSequence(ref, SAMPLE_ROUTE_VERSION, 1)).toBe('exists');
      expect(await windows.readLatest(ref.series)).toMatchObject({ window: { state: 'open', count: 1 } });
      expect(await flushes.skipSequence(sampleWindowRef(2), SAMPLE_ROUTE_VERSION, 1)).toBe('skipped');
      expect(await flushes.skipSequence(sampleWindowRef(2), SAMPLE_ROUTE_VERSION, 2)).toBe('exists');
    });

    it('does not lower the head when it skips a sequence below it', async () => {
      const { windows, flushes } = await makeStores();
      await windows.append(sampleOpening(sampleWindowRef(9), 'batch'));

      expect(await flushes.skipSequence(sampleWindowRef(6), SAMPLE_ROUTE_VERSION, 1)).toBe('skipped');

      expect(await windows.readLatest(sampleWindowRef(9).series)).toMatchObject({ sequence: 9 });
    });

    it('a window that races with the skipping of its sequence is opened or skipped, never both', async () => {
      const { windows, reader, flushes } = await makeStores();
      for (let sequence = 0; sequence < 8; sequence++) {
        const ref = sampleWindowRef(sequence);

        const [appended, skipped] = await Promise.all([
          windows.append(sampleOpening(ref, `batch ${sequence}`)),
          flushes.skipSequence(ref, SAMPLE_ROUTE_VERSION, 1),
        ]);

        const window = (await reader.readWindows([ref])).get(windowIdOf(ref));
        expect([
          ['appended', 'exists', 'open', 1],
          ['window-moved', 'skipped', 'sealed', 0],
        ]).toContainEqual([appended, skipped, window?.state, window?.count]);
      }
    });

    it('notes another deployment from a part on, if those are noted that were read', async () => {
      const { windows, reader, flushes } = await makeStores();
      const ref = sampleWindowRef();
      const { opens } = sampleOpening(ref, 'batch');
      await windows.append(sampleOpening(ref, 'batch'));
      const from = [{ fromPart: 0, deploymentRef: opens?.deploymentRef ?? '' }];
      const second = { fromPart: 2, deploymentRef: 'second' };

      expect(await flushes.redirect(ref, from, second)).toBe('moved');
      expect(await flushes.redirect(ref, from, { fromPart: 2, deploymentRef: 'third' })).toBe('changed');
      expect(await flushes.redirect(sampleWindowRef(1), from, second)).toBe('changed');

      const window = (await reader.readWindows([ref])).get(windowIdOf(ref));
      expect(window?.deployments).toEqual([...from, second]);
      const fourth = { fromPart: 3, deploymentRef: 'fourth' };
      expect(await flushes.redirect(ref, [...from, second], fourth)).toBe('moved');
    });

    it('gives the flush lease of a sealed window to one of those who read it', async () => {
      const { windows, reader, flushes } = await makeStores();
      const ref = sampleWindowRef();
      await windows.append(sampleOpening(ref, 'batch'));

      expect(await flushes.leaseFlush(ref, null, 1_000)).toBe('changed');
      await windows.seal(ref, 'count', 1, null);
      expect(await flushes.leaseFlush(sampleWindowRef(1), null, 1_000)).toBe('changed');
      const results = await Promise.all([1, 2, 3].map(() => flushes.leaseFlush(ref, null, 1_000)));
      expect(results.sort()).toEqual(['changed', 'changed', 'leased']);
      expect(await flushes.leaseFlush(ref, 1_000, 2_000)).toBe('leased');
      expect(await flushes.leaseFlush(ref, 1_000, 3_000)).toBe('changed');

      const window = (await reader.readWindows([ref])).get(windowIdOf(ref));
      expect(window?.flushLeaseEpochMs).toBe(2_000);
    });

    it('keeps a chunk as long as the claims that name its batch, if these expire later', async () => {
      const { windows, flushes, expiryOf } = await makeStores();
      const ref = sampleWindowRef();
      const opening = sampleOpening(ref, 'batch');
      const second = { ...sampleAppend(ref, 'second'), keepUntilEpochSeconds: EXPIRES_AT + 1 };
      await windows.append(opening);
      await windows.append(second);

      await flushes.expireChunks({ ...ref, additions: 2 }, EXPIRES_AT);

      expect(await expiryOf(opening.chunk)).toBe(EXPIRES_AT);
      expect(await expiryOf(second.chunk)).toBe(EXPIRES_AT + 1);
    });

    it('marks a sealed window as flushed, again and again', async () => {
      const { windows, reader, flushes } = await makeStores();
      const ref = sampleWindowRef();
      await windows.append(sampleOpening(ref, 'batch'));
      await windows.seal(ref, 'count', 1, null);

      expect(await flushes.markFlushed(ref, ['run 1', 'run 2'])).toBe('marked');
      expect(await flushes.markFlushed(ref, ['run 1', 'run 2'])).toBe('marked');
      await flushes.skipSequence(sampleWindowRef(1), SAMPLE_ROUTE_VERSION, 1);
      expect(await flushes.markFlushed(sampleWindowRef(1), [])).toBe('marked');

      const states = [...(await reader.readWindows([ref, sampleWindowRef(1)])).values()].map(
        ({ state }) => state,
      );
      expect(states).toEqual(['flushed', 'flushed']);
      expect(await windows.seal(ref, 'time', 2, null)).toBe('not-open');
      expect(await windows.append(sampleAppend(ref, 'late'))).toBe('window-moved');
    });

    it('never says that a window is marked which is open or not there', async () => {
      const { windows, reader, flushes } = await makeStores();
      const ref = sampleWindowRef();
      await windows.append(sampleOpening(ref, 'batch'));

      expect(await flushes.markFlushed(ref, ['run'])).toBe('indeterminate');
      expect(await flushes.markFlushed(sampleWindowRef(1), ['run'])).toBe('indeterminate');

      expect((await reader.readWindows([ref])).get(windowIdOf(ref))?.state).toBe('open');
      expect(await reader.readWindows([sampleWindowRef(1)])).toEqual(new Map());
    });
  });

  describe(`${name} as a closer of windows`, () => {
    it('nothing of a window expires before it is closed', async () => {
      const { windows, flushes, expiryOf } = await makeStores();
      const ref = sampleWindowRef();
      const opening = sampleOpening(ref, 'batch');
      await windows.append(opening);
      await windows.append(sampleAppend(ref, 'second'));
      await windows.seal(ref, 'count', 1, null);
      await flushes.markFlushed(ref, ['run']);

      expect(await expiryOf(ref)).toBeNull();
      expect(await expiryOf(opening.chunk)).toBeNull();
    });

    it('drops the events of chunks and lets them expire, while their members are duplicates still', async () => {
      const { windows, reader, flushes, records, expiryOf } = await makeStores();
      const ref = sampleWindowRef();
      const appends = Array.from({ length: 30 }, (_, index) =>
        index === 0 ? sampleOpening(ref, `batch ${index}`, 2) : sampleAppend(ref, `batch ${index}`, 2),
      );
      for (const append of appends) await windows.append(append);
      const batchIds = appends.map(({ chunk }) => chunk.batchId);

      const window = { ...ref, additions: appends.length };

      await flushes.expireChunks(window, EXPIRES_AT);
      await flushes.expireChunks(window, EXPIRES_AT);

      expect(await reader.readChunks([window])).toMatchObject({ chunks: new Map() });
      expect(await records.readRecords(batchIds)).toEqual(
        new Map(
          appends.map(({ chunk: { batchId, windowId, events } }) => [
            batchId,
            {
              kind: 'chunk',
              batchId,
              windowId,
              members: events.map(({ member }) => member.memberId),
              isClosed: true,
            },
          ]),
        ),
      );
      for (const append of appends) expect(await expiryOf(append.chunk)).toBe(EXPIRES_AT);
      expect(await windows.append(sampleAppend(ref, 'batch 3', 2))).toBe('chunk-exists');
    });

    it('makes no chunk and no window of those that have expired and are gone', async () => {
      const { flushes, records, reader } = await makeStores();
      const { chunk } = sampleAppend(sampleWindowRef(), 'gone');

      await flushes.expireChunks({ ...sampleWindowRef(), additions: 1 }, EXPIRES_AT);
      await flushes.closeWindow(sampleWindowRef(), EXPIRES_AT);

      expect(await records.readRecords([chunk.batchId])).toEqual(new Map());
      expect(await reader.readWindows([sampleWindowRef()])).toEqual(new Map());
    });

    it('lets a closed window expire, and its line go on behind it', async () => {
      const { windows, reader, flushes, expiryOf } = await makeStores();
      const ref = sampleWindowRef(3);
      await windows.append(sampleOpening(ref, 'batch'));
      await windows.seal(ref, 'count', 1, null);
      await flushes.markFlushed(ref, ['run']);

      await flushes.closeWindow(ref, EXPIRES_AT);
      await flushes.closeWindow(ref, EXPIRES_AT);

      expect(await expiryOf(ref)).toBe(EXPIRES_AT);
      expect((await reader.readWindows([ref])).get(windowIdOf(ref))).toMatchObject({
        state: 'flushed',
        isClosed: true,
      });
      expect(await windows.readLatest(ref.series)).toMatchObject({ sequence: 3 });
      expect(await windows.append(sampleOpening(ref, 'again'))).toBe('window-moved');
    });
  });

  describe(`${name} as an index of windows`, () => {
    it('lists every window that is not closed, whatever its state, and no other', async () => {
      const { windows, flushes, index } = await makeStores();
      const refs = Array.from({ length: 40 }, (_, number) => sampleWindowRef(number, `key ${number}`));
      for (const [number, ref] of refs.entries()) {
        if (number % 5 === 4) await flushes.skipSequence(ref, SAMPLE_ROUTE_VERSION, 1);
        else await windows.append(sampleOpening(ref, `batch ${number}`));
        if (number % 5 > 0) await windows.seal(ref, 'time', 1, null);
        if (number % 5 > 1) await flushes.markFlushed(ref, []);
        if (number % 5 > 2) await flushes.closeWindow(ref, EXPIRES_AT);
      }

      const listed = (await listAll(index)).map(windowIdOf);

      expect(listed.sort()).toEqual(
        refs
          .filter((_, number) => number % 5 <= 2)
          .map(windowIdOf)
          .sort(),
      );
    });

    it('is empty when there are no windows', async () => {
      const { index } = await makeStores();

      expect(await listAll(index)).toEqual([]);
    });
  });

  describe(`${name} as a store of route versions`, () => {
    it('keeps the text of a version as it was first written', async () => {
      const { versions } = await makeStores();
      const routeJson = JSON.stringify({ name: 'é 💧', when: 'event.type == "a\\nb"' });

      expect(await versions.readVersion(SAMPLE_ROUTE_VERSION)).toBeNull();
      await versions.putVersion(SAMPLE_ROUTE_VERSION, routeJson);
      await versions.putVersion(SAMPLE_ROUTE_VERSION, routeJson);

      expect(await versions.readVersion(SAMPLE_ROUTE_VERSION)).toBe(routeJson);
      expect(await versions.readVersion('fedcba9876543210')).toBeNull();
    });
  });
}

async function listAll(index: WindowIndex): Promise<readonly WindowRef[]> {
  const refs: WindowRef[] = [];
  for await (const ref of index.listUnclosed()) refs.push(ref);
  return refs;
}

import { describe, expect, it } from 'vitest';
import type { BatchRecordStore } from '../../lib/ports.ts';
import { windowIdOf, type WindowPlace } from '../../lib/windows/window.ts';
import type {
  ChunkVoider,
  RouteVersionStore,
  WindowCloser,
  WindowFlushStore,
  WindowIndex,
  WindowReader,
  WindowStore,
} from '../../lib/windows/window-ports.ts';
import {
  sampleAppend,
  sampleOpening,
  samplePlace,
  SAMPLE_ROUTE_VERSION,
} from '../support/builders/sample-windows.ts';

export interface WindowFlushStoreUnderTest {
  readonly windows: WindowStore & ChunkVoider;
  readonly reader: WindowReader;
  readonly flushes: WindowFlushStore & WindowCloser;
  readonly index: WindowIndex;
  readonly versions: RouteVersionStore;
  readonly records: BatchRecordStore;
  /** TTL of the item with this batch or window id, read past the store; null when there is none. */
  readonly expiryOf: (item: { readonly batchId: string } | WindowPlace) => Promise<number | null>;
}

const EXPIRES_AT = 1_801_382_400;

/** What is promised by WindowFlushStore, WindowCloser, WindowIndex and RouteVersionStore. */
export function defineWindowFlushStoreContract(
  name: string,
  makeStores: () => Promise<WindowFlushStoreUnderTest>,
): void {
  describe(`${name} as a flush store`, () => {
    it('burns a sequence that was never opened: it is sealed, empty, and never opened', async () => {
      const { windows, reader, flushes } = await makeStores();
      const place = samplePlace(4);

      expect(await flushes.burn(place, SAMPLE_ROUTE_VERSION, 1_790_000_000_000)).toBe('burnt');
      expect(await windows.append(sampleOpening(place, 'late'))).toBe('window-moved');
      expect(await windows.append(sampleAppend(place, 'later'))).toBe('window-moved');
      expect(await windows.append(sampleOpening(samplePlace(3), 'below'))).toBe('window-moved');

      const read = await reader.readWindows([place]);
      expect(read.get(windowIdOf(place))).toEqual({
        ...place,
        key: '',
        routeVersion: SAMPLE_ROUTE_VERSION,
        openedAtEpochMs: 1_790_000_000_000,
        dueEpochMs: 1_790_000_000_000,
        deadlineEpochMs: 1_790_000_000_000,
        state: 'sealed',
        isClosed: false,
        count: 0,
        bytes: 0,
        chunkIds: [],
        reason: 'time',
        sealedAtEpochMs: 1_790_000_000_000,
        deployments: [],
      });
      expect(await windows.readLatest(place.line)).toMatchObject({ sequence: 4, window: { count: 0 } });
      expect(await windows.append(sampleOpening(samplePlace(5), 'next'))).toBe('appended');
    });

    it('does not burn a window that is there, nor one twice', async () => {
      const { windows, flushes } = await makeStores();
      const place = samplePlace(1);
      await windows.append(sampleOpening(place, 'batch'));

      expect(await flushes.burn(place, SAMPLE_ROUTE_VERSION, 1)).toBe('exists');
      expect(await windows.readLatest(place.line)).toMatchObject({ window: { state: 'open', count: 1 } });
      expect(await flushes.burn(samplePlace(2), SAMPLE_ROUTE_VERSION, 1)).toBe('burnt');
      expect(await flushes.burn(samplePlace(2), SAMPLE_ROUTE_VERSION, 2)).toBe('exists');
    });

    it('does not lower the head when it burns a sequence below it', async () => {
      const { windows, flushes } = await makeStores();
      await windows.append(sampleOpening(samplePlace(9), 'batch'));

      expect(await flushes.burn(samplePlace(6), SAMPLE_ROUTE_VERSION, 1)).toBe('burnt');

      expect(await windows.readLatest(samplePlace(9).line)).toMatchObject({ sequence: 9 });
    });

    it('a window that races with its burning is opened or burnt, never both', async () => {
      const { windows, reader, flushes } = await makeStores();
      for (let sequence = 0; sequence < 8; sequence++) {
        const place = samplePlace(sequence);

        const [appended, burnt] = await Promise.all([
          windows.append(sampleOpening(place, `batch ${sequence}`)),
          flushes.burn(place, SAMPLE_ROUTE_VERSION, 1),
        ]);

        const window = (await reader.readWindows([place])).get(windowIdOf(place));
        expect([
          ['appended', 'exists', 'open', 1],
          ['window-moved', 'burnt', 'sealed', 0],
        ]).toContainEqual([appended, burnt, window?.state, window?.count]);
      }
    });

    it('notes another deployment from a part on, if those are noted that were read', async () => {
      const { windows, reader, flushes } = await makeStores();
      const place = samplePlace();
      const { opens } = sampleOpening(place, 'batch');
      await windows.append(sampleOpening(place, 'batch'));
      const from = [{ fromPart: 0, deploymentRef: opens?.deploymentRef ?? '' }];
      const second = { fromPart: 2, deploymentRef: 'second' };

      expect(await flushes.redirect(place, from, second)).toBe('moved');
      expect(await flushes.redirect(place, from, { fromPart: 2, deploymentRef: 'third' })).toBe('changed');
      expect(await flushes.redirect(samplePlace(1), from, second)).toBe('changed');

      const window = (await reader.readWindows([place])).get(windowIdOf(place));
      expect(window?.deployments).toEqual([...from, second]);
      const fourth = { fromPart: 3, deploymentRef: 'fourth' };
      expect(await flushes.redirect(place, [...from, second], fourth)).toBe('moved');
    });

    it('marks a sealed window as flushed, again and again', async () => {
      const { windows, reader, flushes } = await makeStores();
      const place = samplePlace();
      await windows.append(sampleOpening(place, 'batch'));
      await windows.seal(place, 'count', 1);

      expect(await flushes.markFlushed(place, ['run 1', 'run 2'])).toBe('marked');
      expect(await flushes.markFlushed(place, ['run 1', 'run 2'])).toBe('marked');
      await flushes.burn(samplePlace(1), SAMPLE_ROUTE_VERSION, 1);
      expect(await flushes.markFlushed(samplePlace(1), [])).toBe('marked');

      const states = [...(await reader.readWindows([place, samplePlace(1)])).values()].map(
        ({ state }) => state,
      );
      expect(states).toEqual(['flushed', 'flushed']);
      expect(await windows.seal(place, 'time', 2)).toBe('not-open');
      expect(await windows.append(sampleAppend(place, 'late'))).toBe('window-moved');
    });

    it('never says that a window is marked which is open or not there', async () => {
      const { windows, reader, flushes } = await makeStores();
      const place = samplePlace();
      await windows.append(sampleOpening(place, 'batch'));

      expect(await flushes.markFlushed(place, ['run'])).toBe('unclear');
      expect(await flushes.markFlushed(samplePlace(1), ['run'])).toBe('unclear');

      expect((await reader.readWindows([place])).get(windowIdOf(place))?.state).toBe('open');
      expect(await reader.readWindows([samplePlace(1)])).toEqual(new Map());
    });
  });

  describe(`${name} as a closer of windows`, () => {
    it('nothing of a window expires before it is closed', async () => {
      const { windows, flushes, expiryOf } = await makeStores();
      const place = samplePlace();
      const opening = sampleOpening(place, 'batch');
      await windows.append(opening);
      await windows.append(sampleAppend(place, 'second'));
      await windows.seal(place, 'count', 1);
      await flushes.markFlushed(place, ['run']);

      expect(await expiryOf(place)).toBeNull();
      expect(await expiryOf(opening.chunk)).toBeNull();
    });

    it('drops the events of chunks and lets them expire, while their members are duplicates still', async () => {
      const { windows, reader, flushes, records, expiryOf } = await makeStores();
      const place = samplePlace();
      const appends = Array.from({ length: 30 }, (_, index) =>
        index === 0 ? sampleOpening(place, `batch ${index}`, 2) : sampleAppend(place, `batch ${index}`, 2),
      );
      for (const append of appends) await windows.append(append);
      const batchIds = appends.map(({ chunk }) => chunk.batchId);

      await flushes.expireChunks(batchIds, EXPIRES_AT);
      await flushes.expireChunks(batchIds, EXPIRES_AT);

      expect(await reader.readChunks(batchIds)).toEqual(new Map());
      expect(await records.readRecords(batchIds)).toEqual(
        new Map(
          appends.map(({ chunk: { batchId, windowId, events } }) => [
            batchId,
            { batchId, windowId, members: events.map(({ member }) => member.memberId), isClosed: true },
          ]),
        ),
      );
      for (const append of appends) expect(await expiryOf(append.chunk)).toBe(EXPIRES_AT);
      expect(await windows.append(sampleAppend(place, 'batch 3', 2))).toBe('chunk-exists');
    });

    it('makes no chunk and no window of those that have expired and are gone', async () => {
      const { flushes, records, reader } = await makeStores();
      const { chunk } = sampleAppend(samplePlace(), 'gone');

      await flushes.expireChunks([chunk.batchId], EXPIRES_AT);
      await flushes.closeWindow(samplePlace(), EXPIRES_AT);

      expect(await records.readRecords([chunk.batchId])).toEqual(new Map());
      expect(await reader.readWindows([samplePlace()])).toEqual(new Map());
    });

    it('lets a closed window expire, and its line go on behind it', async () => {
      const { windows, reader, flushes, expiryOf } = await makeStores();
      const place = samplePlace(3);
      await windows.append(sampleOpening(place, 'batch'));
      await windows.seal(place, 'count', 1);
      await flushes.markFlushed(place, ['run']);

      await flushes.closeWindow(place, EXPIRES_AT);
      await flushes.closeWindow(place, EXPIRES_AT);

      expect(await expiryOf(place)).toBe(EXPIRES_AT);
      expect((await reader.readWindows([place])).get(windowIdOf(place))).toMatchObject({
        state: 'flushed',
        isClosed: true,
      });
      expect(await windows.readLatest(place.line)).toMatchObject({ sequence: 3 });
      expect(await windows.append(sampleOpening(place, 'again'))).toBe('window-moved');
    });
  });

  describe(`${name} as an index of windows`, () => {
    it('lists every window that is not closed, whatever its state, and no other', async () => {
      const { windows, flushes, index } = await makeStores();
      const places = Array.from({ length: 40 }, (_, number) => samplePlace(number, `key ${number}`));
      for (const [number, place] of places.entries()) {
        if (number % 5 === 4) await flushes.burn(place, SAMPLE_ROUTE_VERSION, 1);
        else await windows.append(sampleOpening(place, `batch ${number}`));
        if (number % 5 > 0) await windows.seal(place, 'time', 1);
        if (number % 5 > 1) await flushes.markFlushed(place, []);
        if (number % 5 > 2) await flushes.closeWindow(place, EXPIRES_AT);
      }

      const listed = (await listAll(index)).map(windowIdOf);

      expect(listed.sort()).toEqual(
        places
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

async function listAll(index: WindowIndex): Promise<readonly WindowPlace[]> {
  const places: WindowPlace[] = [];
  for await (const place of index.listUnclosed()) places.push(place);
  return places;
}

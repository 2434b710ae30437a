import { describe, expect, it } from 'vitest';
import type { BatchRecordStore, ChunkRecord } from '../../lib/ports.ts';
import type {
  Chunk,
  BatchAbandoner,
  WindowAppend,
  WindowReader,
  WindowStore,
} from '../../lib/windows/window-ports.ts';
import { windowIdOf, type Window } from '../../lib/windows/window.ts';
import { sampleBatchId, sampleRecord } from '../support/builders/sample-claims.ts';
import {
  SAMPLE_TIMES,
  chunksIn,
  sampleAppend,
  sampleSeries,
  sampleOpening,
  sampleWindowRef,
} from '../support/builders/sample-windows.ts';

export interface WindowStoreUnderTest {
  readonly windows: WindowStore & BatchAbandoner;
  readonly reader: WindowReader;
  readonly records: BatchRecordStore;
}

/** What every WindowStore promises, with the BatchAbandoner beside it. `makeStores` gives empty stores. */
export function defineWindowStoreContract(
  name: string,
  makeStores: () => Promise<WindowStoreUnderTest>,
): void {
  describe(`${name} as a window store`, () => {
    it('knows no window of a series that was never opened', async () => {
      const { windows } = await makeStores();

      expect(await windows.readLatest(sampleSeries())).toEqual({ sequence: null, window: null });
    });

    it('opens a window with its first chunk, and finds both as they were written', async () => {
      const { windows, reader, records } = await makeStores();
      const opening = sampleOpening(sampleWindowRef(7), 'batch', 3);

      expect(await windows.append(opening)).toBe('appended');

      expect(await windows.readLatest(sampleSeries())).toEqual({ sequence: 7, window: openedBy(opening) });
      expect(await reader.readWindows([sampleWindowRef(7)])).toEqual(
        new Map([[windowIdOf(sampleWindowRef(7)), openedBy(opening)]]),
      );
      expect(await chunksIn(reader, sampleWindowRef(7))).toEqual(byBatchId([opening.chunk]));
      expect(await records.readRecords([opening.chunk.batchId])).toEqual(recordsOf([opening.chunk]));
    });

    it('adds a chunk to an open window: its events, their bytes, its batch and the new due time', async () => {
      const { windows, reader } = await makeStores();
      const ref = sampleWindowRef();
      const opening = sampleOpening(ref, 'first', 2);
      const dueEpochMs = SAMPLE_TIMES.dueEpochMs + 5_000;
      const adding = { ...sampleAppend(ref, 'second', 3), dueEpochMs, page: 1 };

      expect(await windows.append(opening)).toBe('appended');
      expect(await windows.append(adding)).toBe('appended');

      const { window } = await windows.readLatest(ref.series);
      expect(window).toEqual({
        ...openedBy(opening),
        count: 5,
        bytes: 50,
        additions: 2,
        dueEpochMs: adding.dueEpochMs,
      });
      expect(await reader.readChunks([{ ...ref, additions: 20 }])).toMatchObject({
        chunks: byBatchId([opening.chunk, adding.chunk]),
      });
    });

    it('keeps a chunk of 1000 events and of 250 KB, event by event and in order', async () => {
      const { windows, reader } = await makeStores();
      const many = sampleOpening(sampleWindowRef(), 'many', 1_000);
      const large = sampleAppend(sampleWindowRef(), 'large');
      const [first] = large.chunk.events;
      const text = JSON.stringify(Array.from({ length: 40_000 }, (_, index) => (index * 7919) % 65_537));
      const event = first && { ...first.event, data: { kind: 'text', text } as const };
      const chunk = { ...large.chunk, events: first && event ? [{ ...first, event }] : [] };

      expect(await windows.append(many)).toBe('appended');
      expect(await windows.append({ ...large, chunk })).toBe('appended');

      expect(await chunksIn(reader, sampleWindowRef())).toEqual(byBatchId([many.chunk, chunk]));
    });

    it('keeps series apart', async () => {
      const { windows } = await makeStores();
      await windows.append(sampleOpening(sampleWindowRef(3, 'eu'), 'eu batch'));

      expect(await windows.append(sampleOpening(sampleWindowRef(1, 'us'), 'us batch'))).toBe('appended');

      expect(await windows.readLatest(sampleSeries('eu'))).toMatchObject({ sequence: 3 });
      expect(await windows.readLatest(sampleSeries('us'))).toMatchObject({ sequence: 1 });
    });

    it('says that a chunk exists before anything else, whatever window it is meant for', async () => {
      const { windows, reader } = await makeStores();
      const opening = sampleOpening(sampleWindowRef(0), 'batch');
      await windows.append(opening);

      const elsewhere = [
        opening,
        sampleAppend(sampleWindowRef(0), 'batch'),
        sampleAppend(sampleWindowRef(1), 'batch'),
        sampleOpening(sampleWindowRef(1), 'batch'),
        { ...sampleAppend(sampleWindowRef(0), 'batch'), maxCountBefore: 0 },
      ];
      for (const append of elsewhere) expect(await windows.append(append)).toBe('chunk-exists');

      expect(await windows.readLatest(sampleSeries())).toEqual({ sequence: 0, window: openedBy(opening) });
      expect(await chunksIn(reader, sampleWindowRef(0), sampleWindowRef(1))).toEqual(
        byBatchId([opening.chunk]),
      );
    });

    it('an append whose response was lost is found again after the seal', async () => {
      const { windows, records } = await makeStores();
      const ref = sampleWindowRef(0);
      await windows.append(sampleOpening(ref, 'first'));
      const lost = sampleAppend(ref, 'lost');
      await windows.append(lost);
      await windows.seal(ref, 'count', 1, null);
      await windows.append(sampleOpening(sampleWindowRef(1), 'next'));

      expect(await windows.append(sampleAppend(sampleWindowRef(1), 'lost'))).toBe('chunk-exists');

      expect(await records.readRecords([lost.chunk.batchId])).toEqual(recordsOf([lost.chunk]));
      expect((await windows.readLatest(ref.series)).window).toMatchObject({ sequence: 1, count: 1 });
    });

    it('adds nothing to a window that is sealed, or not there', async () => {
      const { windows, reader } = await makeStores();
      const ref = sampleWindowRef(0);
      const first = sampleOpening(ref, 'first');
      await windows.append(first);
      await windows.seal(ref, 'time', 1_790_000_010_100, null);

      expect(await windows.append(sampleAppend(ref, 'late'))).toBe('window-moved');
      expect(await windows.append(sampleAppend(sampleWindowRef(1), 'early'))).toBe('window-moved');

      expect(await chunksIn(reader, ref, sampleWindowRef(1))).toEqual(byBatchId([first.chunk]));
      expect(await windows.readLatest(ref.series)).toMatchObject({ sequence: 0, window: { count: 1 } });
    });

    it('adds nothing beyond the bounds of count and bytes, and all up to them', async () => {
      const { windows, reader } = await makeStores();
      const ref = sampleWindowRef();
      const first = sampleOpening(ref, 'first', 3);
      await windows.append(first);

      const tooMany = { ...sampleAppend(ref, 'too many'), maxCountBefore: 2 };
      const tooLarge = { ...sampleAppend(ref, 'too large'), maxBytesBefore: 29 };
      const fitting = { ...sampleAppend(ref, 'fitting'), maxCountBefore: 3, maxBytesBefore: 30 };
      expect(await windows.append(tooMany)).toBe('window-moved');
      expect(await windows.append(tooLarge)).toBe('window-moved');
      expect(await windows.append(fitting)).toBe('appended');

      expect(await chunksIn(reader, ref)).toEqual(byBatchId([first.chunk, fitting.chunk]));
      expect((await windows.readLatest(ref.series)).window).toMatchObject({ count: 4, bytes: 40 });
    });

    it('writes as much for the thousandth addition as for the first', async () => {
      const { windows, reader } = await makeStores();
      const ref = sampleWindowRef();
      const opening = sampleOpening(ref, 'batch 0');
      await windows.append(opening);
      const batches = [opening];
      for (let number = 1; number < 60; number++) {
        const append = { ...sampleAppend(ref, `batch ${number}`), page: Math.floor(number / 14) };
        batches.push(append);
        expect(await windows.append(append)).toBe('appended');
      }

      const window = (await reader.readWindows([ref])).get(windowIdOf(ref));
      expect(window).toEqual({ ...openedBy(opening), count: 60, bytes: 600, additions: 60 });
      expect(await chunksIn(reader, ref)).toEqual(byBatchId(batches.map(({ chunk }) => chunk)));
    });

    it('opens no sequence that the head has passed, nor one twice', async () => {
      const { windows, reader } = await makeStores();
      const opening = sampleOpening(sampleWindowRef(5), 'first');
      await windows.append(opening);
      await windows.seal(sampleWindowRef(5), 'time', 1, null);

      for (const sequence of [5, 4, 0]) {
        expect(await windows.append(sampleOpening(sampleWindowRef(sequence), `to ${sequence}`))).toBe(
          'window-moved',
        );
      }

      expect(await reader.readWindows([sampleWindowRef(4), sampleWindowRef(0)])).toEqual(new Map());
      expect(await windows.append(sampleOpening(sampleWindowRef(6), 'next'))).toBe('appended');
      expect(await windows.readLatest(sampleSeries())).toMatchObject({ sequence: 6, window: { count: 1 } });
    });

    it('seals an open window once, with its reason and time', async () => {
      const { windows } = await makeStores();
      const ref = sampleWindowRef();
      const opening = sampleOpening(ref, 'first');
      await windows.append(opening);

      expect(await windows.seal(ref, 'bytes', 1_790_000_003_000, 1_790_000_033_000)).toBe('sealed');
      expect(await windows.seal(ref, 'time', 1_790_000_099_000, 1)).toBe('not-open');
      expect(await windows.seal(sampleWindowRef(1), 'time', 1_790_000_099_000, null)).toBe('not-open');

      expect(await windows.readLatest(ref.series)).toEqual({
        sequence: 0,
        window: {
          ...openedBy(opening),
          state: 'sealed',
          isClosed: false,
          reason: 'bytes',
          sealedAtEpochMs: 1_790_000_003_000,
          flushLeaseEpochMs: 1_790_000_033_000,
        },
      });
    });

    it('lets exactly one of many racing callers open a window', async () => {
      const { windows, reader } = await makeStores();
      const openings = Array.from({ length: 10 }, (_, caller) =>
        sampleOpening(sampleWindowRef(), `batch of caller ${caller}`),
      );

      const answers = await Promise.all(openings.map((opening) => windows.append(opening)));

      const winners = openings.filter((_, caller) => answers[caller] === 'appended');
      expect(answers.filter((answer) => answer !== 'appended')).toEqual(Array(9).fill('window-moved'));
      const { window } = await windows.readLatest(sampleSeries());
      expect(winners.map(openedBy)).toEqual([window]);
      expect(await chunksIn(reader, sampleWindowRef())).toEqual(byBatchId(winners.map(({ chunk }) => chunk)));
    });

    it('a cap is not exceeded by concurrent appends', async () => {
      const { windows, reader } = await makeStores();
      const ref = sampleWindowRef();
      const first = sampleOpening(ref, 'first', 2);
      await windows.append(first);
      const appends = Array.from({ length: 20 }, (_, caller) => ({
        ...sampleAppend(ref, `batch of caller ${caller}`, 3),
        maxCountBefore: 20 - 3,
      }));

      const answers = await Promise.all(appends.map((append) => windows.append(append)));

      const appended = appends.filter((_, caller) => answers[caller] === 'appended');
      expect(appended).toHaveLength(6);
      const { window } = await windows.readLatest(ref.series);
      expect(window).toMatchObject({ count: 20, bytes: 200 });
      expect(await chunksIn(reader, ref)).toEqual(byBatchId([first, ...appended].map(({ chunk }) => chunk)));
    });

    it('a chunk that races with the seal is in the window, or nowhere', async () => {
      const { windows, reader } = await makeStores();
      const ref = sampleWindowRef();
      const first = sampleOpening(ref, 'first');
      await windows.append(first);
      const appends = Array.from({ length: 12 }, (_, caller) => sampleAppend(ref, `caller ${caller}`));

      const [sealed, ...answers] = await Promise.all([
        windows.seal(ref, 'time', 1, null),
        ...appends.map((append) => windows.append(append)),
      ]);

      expect(sealed).toBe('sealed');
      expect(answers.filter((answer) => !['appended', 'window-moved'].includes(answer))).toEqual([]);
      const appended = appends.filter((_, caller) => answers[caller] === 'appended');
      const { window } = await windows.readLatest(ref.series);
      expect(window).toMatchObject({ state: 'sealed', count: 1 + appended.length });
      expect(await chunksIn(reader, ref)).toEqual(byBatchId([first, ...appended].map(({ chunk }) => chunk)));
    });
  });

  describe(`${name} as a batch abandoner`, () => {
    it('keeps an abandoned batch out of every window', async () => {
      const { windows, records, reader } = await makeStores();
      const batchId = sampleBatchId('abandoned');

      expect(await windows.abandonBatch(batchId)).toBe('abandoned');
      expect(await windows.append(sampleOpening(sampleWindowRef(), 'abandoned'))).toBe('chunk-exists');
      expect(await windows.abandonBatch(batchId)).toBe('chunk-exists');

      const record: ChunkRecord = { kind: 'chunk', batchId, windowId: '', members: [], isClosed: false };
      expect(await records.readRecords([batchId])).toEqual(new Map([[batchId, record]]));
      expect(await chunksIn(reader, sampleWindowRef())).toEqual(new Map());
      expect(await windows.readLatest(sampleSeries())).toEqual({ sequence: null, window: null });
    });

    it('does not touch a chunk that is in a window', async () => {
      const { windows, reader } = await makeStores();
      const opening = sampleOpening(sampleWindowRef(), 'batch');
      await windows.append(opening);

      expect(await windows.abandonBatch(opening.chunk.batchId)).toBe('chunk-exists');

      expect(await chunksIn(reader, sampleWindowRef())).toEqual(byBatchId([opening.chunk]));
    });

    it('shares the names of batches with the records of runs', async () => {
      const { windows, records } = await makeStores();
      const run = sampleRecord('run');
      await records.writeRecords([run]);
      const opening = sampleOpening(sampleWindowRef(), 'batch');
      await windows.append(opening);

      expect(await windows.append(sampleOpening(sampleWindowRef(1), 'run'))).toBe('chunk-exists');
      await records.writeRecords([sampleRecord('batch')]);

      expect(await records.readRecords([opening.chunk.batchId])).toEqual(recordsOf([opening.chunk]));
    });
  });
}

function openedBy({ chunk, bytes, opens }: WindowAppend): Window {
  if (opens === null) throw new Error('this append opens no window');
  const { deploymentRef, ...opened } = opens;
  return {
    ...opened,
    state: 'open',
    isClosed: false,
    count: chunk.events.length,
    bytes,
    additions: 1,
    reason: null,
    sealedAtEpochMs: null,
    flushLeaseEpochMs: null,
    deployments: [{ fromPart: 0, deploymentRef }],
  };
}

function byBatchId(chunks: readonly Chunk[]): ReadonlyMap<string, Chunk> {
  return new Map(chunks.map((chunk) => [chunk.batchId, chunk]));
}

function recordsOf(chunks: readonly Chunk[]): ReadonlyMap<string, ChunkRecord> {
  return new Map(
    chunks.map(({ batchId, windowId, events }) => [
      batchId,
      {
        kind: 'chunk',
        batchId,
        windowId,
        members: events.map(({ member }) => member.memberId),
        isClosed: false,
      },
    ]),
  );
}

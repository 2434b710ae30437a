import { hash } from 'node:crypto';
import { memberOf } from '../../../lib/routing/member.ts';
import {
  windowIdOf,
  windowSeriesOf,
  type WindowSeries,
  type WindowRef,
} from '../../../lib/windows/window.ts';
import type {
  Chunk,
  ChunkEvent,
  WindowAppend,
  WindowReader,
  WindowTimer,
} from '../../../lib/windows/window-ports.ts';
import { jsonData, makeEvent } from './make-event.ts';
import { sampleBatchId } from './sample-claims.ts';

export const SAMPLE_TIMES = {
  openedAtEpochMs: 1_790_000_000_000,
  dueEpochMs: 1_790_000_010_000,
  deadlineEpochMs: 1_790_000_060_000,
} as const;

/** Epoch seconds. */
export const SAMPLE_KEEP_UNTIL = 1_800_000_000;

export const SAMPLE_ROUTE_VERSION = '0123456789abcdef';

export function sampleSeries(key = 'eu'): WindowSeries {
  return windowSeriesOf('process-orders', 'tumbling', key);
}

export function sampleWindowRef(sequence = 0, key = 'eu'): WindowRef {
  return { series: sampleSeries(key), sequence };
}

/** Events that only this batch has. */
export function sampleChunkEvents(batch: string, count = 1): readonly ChunkEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${batch} ${index}`;
    return {
      member: memberOf('process-orders', ['cloudevents', '/orders', id]),
      source: 'orders-hook',
      event: makeEvent({ id, data: jsonData(`{"id": "${id}", "big": 12345678901234567890}`) }),
    };
  });
}

export function sampleChunk(ref: WindowRef, batch: string, count = 1): Chunk {
  return {
    batchId: sampleBatchId(batch),
    windowId: windowIdOf(ref),
    appendedAtEpochMs: 1_790_000_000_500,
    events: sampleChunkEvents(batch, count),
  };
}

/** Ten bytes an event, and no caps that anything would meet. */
export function sampleAppend(ref: WindowRef, batch: string, count = 1): WindowAppend {
  return {
    chunk: sampleChunk(ref, batch, count),
    ref,
    page: 0,
    keepUntilEpochSeconds: SAMPLE_KEEP_UNTIL,
    bytes: 10 * count,
    opens: null,
    dueEpochMs: SAMPLE_TIMES.dueEpochMs,
    maxCountBefore: Number.MAX_SAFE_INTEGER - count,
    maxBytesBefore: Number.MAX_SAFE_INTEGER - 10 * count,
  };
}

export function sampleOpening(ref: WindowRef, batch: string, count = 1): WindowAppend {
  const opens = {
    ...ref,
    ...SAMPLE_TIMES,
    key: 'eu',
    routeVersion: SAMPLE_ROUTE_VERSION,
    deploymentRef: hash('md5', 'deployment', 'base64url'),
  };
  return { ...sampleAppend(ref, batch, count), opens };
}

/** Read the chunks that these windows list, by batch id. */
export async function chunksIn(
  reader: WindowReader,
  ...refs: readonly WindowRef[]
): Promise<ReadonlyMap<string, Chunk>> {
  const windows = await reader.readWindows(refs);
  return (await reader.readChunks([...windows.values()])).chunks;
}

export function sampleTimer(sequence = 0, dueEpochMs: number = SAMPLE_TIMES.dueEpochMs): WindowTimer {
  const ref = sampleWindowRef(sequence);
  return { windowId: windowIdOf(ref), ref, routeVersion: SAMPLE_ROUTE_VERSION, dueEpochMs };
}

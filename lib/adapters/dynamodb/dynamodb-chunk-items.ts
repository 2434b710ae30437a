/**
 * The shape of the items that are chunks. A chunk is the record of its batch, under the same key as that of a batch
 * that became a run, and never one of both.
 *
 * | attribute | chunk |
 * | --- | --- |
 * | `pk` | `B#<batch id>` |
 * | `m` | members, 8 bytes each |
 * | `w` | window id; empty when the batch was abandoned before it was added to a window |
 * | `a` | when it was appended, epoch milliseconds |
 * | `q` | the chunk is kept until then at least, epoch seconds: it outlives the claims that name its batch |
 * | `e` | its events, until its window is closed |
 * | `expires` | once its window is closed |
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ChunkRecord } from '../../ports.ts';
import { readStoredEvent, storeEvent } from '../../event/stored-event.ts';
import type { Chunk, ChunkEvent } from '../../windows/window-ports.ts';
import {
  batchIdOf,
  batchRecordKey,
  bytesOf,
  bytesOfMembers,
  keyOf,
  MalformedItemError,
  membersOfItem,
  numberOf,
  stringOf,
  type Item,
} from './dynamodb-items.ts';
import { numberValue } from './dynamodb-window-items.ts';

export function chunkItem(
  { batchId, windowId, appendedAtEpochMs, events }: Chunk,
  keepUntilEpochSeconds: number,
): Item {
  return {
    ...membersItem(
      batchId,
      events.map(({ member }) => member.memberId),
    ),
    w: { S: windowId },
    a: numberValue(appendedAtEpochMs),
    q: numberValue(keepUntilEpochSeconds),
    e: { B: packed(textOfEvents(events)) },
  };
}

/** Make the item of a batch that must not be added to a window any more. */
export function abandonedChunkItem(batchId: string): Item {
  return { ...membersItem(batchId, []), w: { S: '' } };
}

function membersItem(batchId: string, members: readonly string[]): Item {
  const key = batchRecordKey(batchId);
  return { pk: { S: key }, m: { B: bytesOfMembers(key, members) } };
}

export function isChunkItem(item: Item): boolean {
  return item['w'] !== undefined;
}

/** The attributes that `chunkRecordOf` reads: all but the events. */
export const CHUNK_RECORD_ATTRIBUTES = ['pk', 'm', 'w', 'expires'] as const;

export function chunkRecordOf(item: Item): ChunkRecord {
  return {
    kind: 'chunk',
    batchId: batchIdOf(item),
    windowId: stringOf(item, 'w'),
    members: membersOfItem(item),
    isClosed: item['expires'] !== undefined,
  };
}

/** The attributes that `keepUntilOf` reads. */
export const CHUNK_KEEP_ATTRIBUTES = ['pk', 'q'] as const;

/** Read until when a chunk is kept at least. An abandoned batch has no such time. */
export function keepUntilOf(item: Item): number {
  return item['q'] === undefined ? 0 : numberOf(item, 'q');
}

/** Returns null when the item has no events (any more). */
export function chunkOf(item: Item): Chunk | null {
  if (!isChunkItem(item) || item['e'] === undefined) return null;
  const members = membersOfItem(item);
  const stored = eventsOfText(unpacked(item), keyOf(item));
  if (stored.length !== members.length) {
    throw new MalformedItemError(keyOf(item), 'attributes m and e are of different length');
  }
  return {
    batchId: batchIdOf(item),
    windowId: stringOf(item, 'w'),
    appendedAtEpochMs: numberOf(item, 'a'),
    events: stored.map(([claimKey = '', source = '', event = ''], index) => ({
      member: { claimKey, memberId: members[index] ?? '' },
      source,
      event: readStoredEvent(event),
    })),
  };
}

const PARTS_OF_EVENT = 3;

/** Each part with its length in front, so that nothing has to be escaped. */
function textOfEvents(events: readonly ChunkEvent[]): string {
  return events
    .flatMap(({ member, source, event }) => [member.claimKey, source, storeEvent(event)])
    .map((part) => `${part.length}:${part}`)
    .join('');
}

function eventsOfText(text: string, key: string): readonly (readonly string[])[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const start = text.indexOf(':', at) + 1;
    const length = Number(text.slice(at, start - 1));
    if (start === 0 || !Number.isSafeInteger(length) || start + length > text.length) {
      throw new MalformedItemError(key, 'attribute e does not end where it says');
    }
    parts.push(text.slice(start, start + length));
    at = start + length;
  }
  return Array.from({ length: Math.ceil(parts.length / PARTS_OF_EVENT) }, (_, index) =>
    parts.slice(index * PARTS_OF_EVENT, (index + 1) * PARTS_OF_EVENT),
  );
}

/** First byte of the attribute. */
const PLAIN = 0;
const DEFLATED = 1;

function packed(text: string): Uint8Array {
  const plain = Buffer.from(text);
  const deflated = deflateRawSync(plain);
  return deflated.length < plain.length
    ? Buffer.concat([Buffer.of(DEFLATED), deflated])
    : Buffer.concat([Buffer.of(PLAIN), plain]);
}

function unpacked(item: Item): string {
  const bytes = bytesOf(item, 'e');
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1);
  if (bytes[0] === PLAIN) return content.toString();
  if (bytes[0] === DEFLATED) return inflateRawSync(content).toString();
  throw new MalformedItemError(keyOf(item), 'attribute e is packed in a way that is not known');
}

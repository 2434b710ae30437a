import * as fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  abandonedChunkItem,
  chunkItem,
  keepUntilOf,
  chunkOf,
  chunkRecordOf,
} from '../../../../lib/adapters/dynamodb/dynamodb-chunk-items.ts';
import { MalformedItemError } from '../../../../lib/adapters/dynamodb/dynamodb-items.ts';
import { memberOf } from '../../../../lib/routing/member.ts';
import { storedBytes } from '../../../../lib/event/stored-event.ts';
import type { Chunk } from '../../../../lib/windows/window-ports.ts';
import { arbitraryEvent } from '../../../support/builders/arbitrary-event.ts';
import { itemBytes } from '../../../support/builders/item-bytes.ts';
import { makeEvent } from '../../../support/builders/make-event.ts';
import { sampleBatchId } from '../../../support/builders/sample-claims.ts';
import { sampleChunk, sampleWindowRef } from '../../../support/builders/sample-windows.ts';

const LONGEST_NAME = 'r'.repeat(40);

const chunk: fc.Arbitrary<Chunk> = fc
  .record({
    events: fc.array(
      fc.record({
        member: fc.array(fc.string()).map((parts) => memberOf('process-orders', parts)),
        event: arbitraryEvent,
        source: fc.string(),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    appendedAtEpochMs: fc.nat(),
  })
  .map((each) => ({ ...sampleChunk(sampleWindowRef(), 'batch'), ...each }));

describe('chunk items', () => {
  it('come back as they were, whatever their events are', () => {
    fc.assert(
      fc.property(chunk, (each) => {
        const item = chunkItem(each, 1_800_000_000);
        expect(chunkOf(item)).toEqual(each);
        expect(keepUntilOf(item)).toBe(1_800_000_000);
      }),
    );
  });

  it('are never larger than what the sizes of their events promise', () => {
    const noise = (bytes: number) => randomBytes(bytes).toString('base64');
    for (const [count, bytes] of [
      [1, 190_000],
      [600, 60],
      [1_000, 0],
    ] as const) {
      const events = Array.from({ length: count }, (_, index) => {
        const event = makeEvent({ id: `${index}`, data: { kind: 'text', text: noise(bytes) } });
        return { member: memberOf(LONGEST_NAME, [`${index}`]), event, source: LONGEST_NAME };
      });
      const promised = events.reduce((sum, { event }) => sum + storedBytes(event), 0);

      const item = chunkItem({ ...sampleChunk(sampleWindowRef(), 'batch'), events }, 1_800_000_000);

      const keysAndWindow = 250;
      expect(itemBytes(item)).toBeLessThanOrEqual(promised + keysAndWindow);
    }
  });

  it('are smaller than their events where these are alike', () => {
    const many = sampleChunk(sampleWindowRef(), 'batch', 100);
    const bytes = many.events.reduce((sum, { event }) => sum + storedBytes(event), 0);

    expect(itemBytes(chunkItem(many, 1_800_000_000))).toBeLessThan(bytes / 3);
  });

  it('answer who is in them without their events', () => {
    const each = sampleChunk(sampleWindowRef(), 'batch', 3);
    const { pk, m, w } = chunkItem(each, 1_800_000_000);
    if (pk === undefined || m === undefined || w === undefined) throw new Error('a chunk has these');

    expect(chunkOf({ pk, m, w })).toBeNull();
    expect(chunkRecordOf({ pk, m, w, expires: { N: '1' } })).toEqual({
      kind: 'chunk',
      batchId: each.batchId,
      windowId: each.windowId,
      members: each.events.map(({ member }) => member.memberId),
      isClosed: true,
    });
  });

  it('of abandoned batches hold no members', () => {
    const item = abandonedChunkItem(sampleBatchId('batch'));

    expect(chunkOf(item)).toBeNull();
    expect(chunkRecordOf(item)).toMatchObject({ members: [], windowId: '', isClosed: false });
  });

  it.each([
    ['is packed in a way that is not known', { e: { B: Buffer.of(9, 1, 2) } }],
    ['does not end where it says', { e: { B: Buffer.concat([Buffer.of(0), Buffer.from('9:short')]) } }],
    ['does not end where it says', { e: { B: Buffer.concat([Buffer.of(0), Buffer.from('no length')]) } }],
    ['are of different length', { m: { B: new Uint8Array(16) } }],
  ])('are refused by name when what they hold %s', (message, changes) => {
    const item = { ...chunkItem(sampleChunk(sampleWindowRef(), 'batch'), 1_800_000_000), ...changes };

    expect(() => chunkOf(item)).toThrow(MalformedItemError);
    expect(() => chunkOf(item)).toThrow(message);
  });
});

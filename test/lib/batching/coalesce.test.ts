import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coalesce, dataBytes } from '../../../lib/batching/coalesce.ts';
import type { RoutedEvent } from '../../../lib/routing/route.ts';
import { makeEvent, textData } from '../../support/builders/make-event.ts';

const routedEvents: fc.Arbitrary<RoutedEvent[]> = fc
  .array(fc.record({ groupKey: fc.constantFrom('a', 'b', 'c'), text: fc.string({ maxLength: 30 }) }), {
    maxLength: 40,
  })
  .map((all) =>
    all.map(({ groupKey, text }, index) => ({
      groupKey,
      bypass: false,
      event: makeEvent({ id: `${index}`, data: textData(text) }),
      member: { claimKey: `C#r#${index}`, memberId: `${index}` },
    })),
  );
const coalesceToRuns = (events: readonly RoutedEvent[], caps: { maxEvents: number; maxBytes: number }) =>
  coalesce(events, { mode: 'invocation', key: null, ...caps }).map((group) => group.events);

const caps = fc.record({
  maxEvents: fc.integer({ min: 1, max: 10 }),
  maxBytes: fc.integer({ min: 1, max: 100 }),
});

describe('coalesce', () => {
  it('puts every event into exactly one batch and keeps the order of arrival within a group', () => {
    fc.assert(
      fc.property(routedEvents, caps, (events, { maxEvents, maxBytes }) => {
        const batches = coalesceToRuns(events, { maxEvents, maxBytes });
        expect(new Set(batches.flat())).toEqual(new Set(events));
        expect(batches.flat()).toHaveLength(events.length);
        for (const key of ['a', 'b', 'c']) {
          const ofKey = (each: RoutedEvent): boolean => each.groupKey === key;
          expect(batches.flat().filter(ofKey)).toEqual(events.filter(ofKey));
        }
      }),
    );
  });

  it('never mixes groups, never makes an empty batch, and overshoots no cap but for one event larger than it', () => {
    fc.assert(
      fc.property(routedEvents, caps, (events, { maxEvents, maxBytes }) => {
        for (const batch of coalesceToRuns(events, { maxEvents, maxBytes })) {
          const bytes = batch.reduce((sum, { event }) => sum + dataBytes(event), 0);
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(maxEvents);
          expect(bytes <= maxBytes || batch.length === 1).toBe(true);
          expect(new Set(batch.map(({ groupKey }) => groupKey)).size).toBe(1);
        }
      }),
    );
  });

  it('closes a batch only when the next event does not fit', () => {
    fc.assert(
      fc.property(routedEvents, caps, (events, { maxEvents, maxBytes }) => {
        const batches = coalesceToRuns(events, { maxEvents, maxBytes });
        for (const [index, batch] of batches.entries()) {
          const next = batches[index + 1]?.[0];
          if (next === undefined || next.groupKey !== batch[0]?.groupKey) continue;
          const bytes = [...batch, next].reduce((sum, { event }) => sum + dataBytes(event), 0);
          expect(batch.length === maxEvents || bytes > maxBytes).toBe(true);
        }
      }),
    );
  });

  it('makes a batch of every event in mode none', () => {
    fc.assert(
      fc.property(routedEvents, (events) => {
        expect(coalesce(events, { mode: 'none' })).toEqual(
          events.map((event) => ({ events: [event], destination: 'run' })),
        );
      }),
    );
  });
});

describe('chunks', () => {
  it('makes chunks for a window within its caps, and sends alone what is too large to wait', () => {
    fc.assert(
      fc.property(routedEvents, caps, (events, { maxEvents, maxBytes }) => {
        const groups = coalesce(events, {
          mode: 'window',
          key: null,
          maxEvents,
          maxBytes,
          maxWaitSeconds: 10,
          bypassWhen: null,
        });
        expect(groups.flatMap((group) => group.events)).toHaveLength(events.length);
        expect(new Set(groups.flatMap((group) => group.events))).toEqual(new Set(events));
        for (const { events: chunk, destination } of groups) {
          const bytes = chunk.reduce((sum, { event }) => sum + dataBytes(event), 0);
          expect(destination).toBe(bytes > maxBytes ? 'run' : 'window');
          expect(chunk.length).toBeLessThanOrEqual(destination === 'run' ? 1 : maxEvents);
        }
      }),
    );
  });
});

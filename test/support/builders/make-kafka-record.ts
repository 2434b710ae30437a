import * as fc from 'fast-check';
import type { KafkaRecord } from '../../../scripts/kafka/kafka-record.ts';

export function makeKafkaRecord(changes: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    topic: 'orders',
    partition: 0,
    offset: 0,
    timestampEpochMs: 1_700_000_000_000,
    timestampType: 'CREATE_TIME',
    key: null,
    value: Buffer.from('{}'),
    headers: [],
    ...changes,
  };
}

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const bytesOrNull = fc.option(bytes, { nil: null });
/** What no offset counter gives: the rest of a record. */
const contents = fc.record({
  key: bytesOrNull,
  value: bytesOrNull,
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), value: bytesOrNull }), {
    maxLength: 3,
  }),
});

/** Records as they may lie in three partitions of two topics, with gaps in their offsets, in any mixture. */
export const anyKafkaRecords: fc.Arbitrary<readonly KafkaRecord[]> = fc
  .array(
    fc.record({
      place: fc.constantFrom(
        { topic: 'orders', partition: 0 },
        { topic: 'orders', partition: 1 },
        { topic: 'orders-eu-1', partition: 0 },
      ),
      gap: fc.integer({ min: 1, max: 3 }),
      contents,
    }),
    { maxLength: 40 },
  )
  .map((drafts) => {
    const last = new Map<object, number>();
    return drafts.map(({ place, gap, contents: content }) => {
      const offset = (last.get(place) ?? -1) + gap;
      last.set(place, offset);
      return makeKafkaRecord({ ...place, ...content, offset });
    });
  });

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeKafkaRecord } from '../../../lib/schema-registry/decode-kafka.ts';
import type { ReceivedRecord } from '../../../lib/event/record.ts';
import { makeCompiledConfig, makeKafkaSource } from '../../support/builders/compiled-config.ts';
import { passesFilter, type FilterPattern, type FilterRule } from '../../support/parts/lambda-filter.ts';

const source = makeKafkaSource({ format: 'json' });
const { limits } = makeCompiledConfig([source]);

function kafkaRecord(value: object): ReceivedRecord {
  return {
    recordId: 'orders-0@1',
    origin: {
      kind: 'kafka',
      cluster: 'cluster',
      topic: 'orders',
      partition: 0,
      offset: 1,
      timestampEpochMs: 0,
      tombstone: false,
    },
    body: Buffer.from(JSON.stringify(value)),
    headers: new Map(),
    deliveryCount: 1,
  };
}

const decode = (value: object) =>
  decodeKafkaRecord(kafkaRecord(value), { source, limits, schemas: new Map() });

const field = fc.constantFrom('type', 'region', 'total');
const text = fc.constantFrom('order.paid', 'order.new', '');
const rule: fc.Arbitrary<FilterRule> = fc.oneof(
  text,
  fc.boolean().map((exists) => ({ exists })),
  text.map((prefix) => ({ prefix })),
  fc.array(text, { minLength: 1, maxLength: 2 }).map((texts) => ({ 'anything-but': texts })),
);
const pattern: fc.Arbitrary<FilterPattern> = fc.dictionary(
  field,
  fc.array(rule, { minLength: 1, maxLength: 3 }),
);
const value = fc.dictionary(field, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)));

// docs/decisions/0006-no-filter-criteria.md
describe('filter criteria made from when', () => {
  it('would drop, with whatever they drop, a record that has to be dead-lettered', () => {
    let dropped = 0;
    fc.assert(
      fc.property(pattern, value, (criteria, event) => {
        const unsendable = { ...event, comment: 'a\u0000b' };
        expect(decode(event).kind).toBe('events');
        expect(decode(unsendable)).toMatchObject({ kind: 'rejected', rejection: { code: 'nul-character' } });
        expect(passesFilter(criteria, unsendable)).toBe(passesFilter(criteria, event));
        if (!passesFilter(criteria, event)) dropped += 1;
      }),
    );
    expect(dropped).toBeGreaterThan(0);
  });
});

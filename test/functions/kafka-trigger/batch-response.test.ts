import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDeliveredRecords, type DeliveredRecord } from '../../../functions/kafka-trigger/records.ts';
import {
  deferDeadLetters,
  RecordsNotProcessedError,
  toBatchResponse,
  type KafkaBatchResponse,
  type RedeliveryMode,
} from '../../../functions/kafka-trigger/batch-response.ts';
import type { EventOutcome, Outcome } from '../../../lib/outcome.ts';
import { makeKafkaSource } from '../../support/builders/compiled-config.ts';

const IN_RUN: Outcome = { kind: 'created', route: 'r', batchId: 'b', flowRunId: 'f' };
const RETRY: Outcome = { kind: 'retry', route: 'r', code: 'prefect-unavailable', detail: '' };
const BAD: Outcome = { kind: 'dead-lettered', code: 'invalid-json', detail: '' };

/** Offsets have gaps in Kafka. */
function deliver(partition: string, offsets: readonly unknown[]): readonly DeliveredRecord[] {
  const records = { [partition]: offsets.map((offset) => ({ offset, value: 'e30=' })) };
  return toDeliveredRecords({ eventSource: 'aws:kafka', records }, makeKafkaSource());
}

const conclude = (
  delivered: readonly DeliveredRecord[],
  outcomes: readonly Outcome[],
): readonly EventOutcome[] =>
  delivered.map(({ record }, index) => ({ record, event: null, outcome: outcomes[index] ?? RETRY }));

const names = ({ batchItemFailures }: KafkaBatchResponse): readonly string[] =>
  batchItemFailures.map(({ itemIdentifier: { partition, offset } }) => `${partition}@${offset}`);

/** Both steps, as the trigger takes them: what is written as a dead letter, and what Lambda is told. */
function answer(delivered: readonly DeliveredRecord[], outcomes: readonly Outcome[], mode: RedeliveryMode) {
  const concluded = deferDeadLetters(delivered, conclude(delivered, outcomes), mode);
  const letters = concluded.filter(({ outcome }) => outcome.kind === 'dead-lettered');
  return {
    letters: letters.map(({ record }) => record.recordId),
    respond: () => names(toBatchResponse(delivered, concluded, mode)),
  };
}

describe('the response to a mapping that takes partial failures', () => {
  it('names failed records, and dead letters deferred behind them, by the partition as Lambda named it', () => {
    const delivered = deliver('orders-eu-01', [10, 11, 12, 13, 14]);
    const { letters, respond } = answer(delivered, [IN_RUN, RETRY, IN_RUN, BAD, RETRY], 'named-records');
    expect(respond()).toEqual(['orders-eu-01@11', 'orders-eu-01@13', 'orders-eu-01@14']);
    expect(letters).toEqual([]);
  });

  it('names no record when all are settled, dead letters included', () => {
    const { letters, respond } = answer(deliver('t-0', [1, 2]), [BAD, IN_RUN], 'named-records');
    expect(respond()).toEqual([]);
    expect(letters).toEqual(['t-0@1']);
  });

  it('does not defer a dead letter before a failure, or in another partition', () => {
    const delivered = [...deliver('t-0', [1, 2]), ...deliver('t-1', [1])];
    const { letters, respond } = answer(delivered, [BAD, RETRY, BAD], 'named-records');
    expect(respond()).toEqual(['t-0@2']);
    expect(letters).toEqual(['t-0@1', 't-1@1']);
  });

  it('fails the whole batch when a failed record has no offset', () => {
    const delivered = deliver('t-0', [1, -1]);
    expect(answer(delivered, [IN_RUN, RETRY], 'named-records').respond).toThrow(RecordsNotProcessedError);
  });

  it('never defers a dead letter whose record has no offset', () => {
    const { letters, respond } = answer(deliver('t-0', [1, -1]), [RETRY, BAD], 'named-records');
    expect(respond()).toEqual(['t-0@1']);
    expect(letters).toEqual(['t-0@?1']);
  });

  it('names a record without an outcome as failed', () => {
    const delivered = deliver('t-0', [1, 2]);
    const response = toBatchResponse(delivered, conclude(delivered, [IN_RUN]).slice(0, 1), 'named-records');
    expect(names(response)).toEqual(['t-0@2']);
  });

  it('names a record as failed as soon as one of its routes fails', () => {
    const [only] = deliver('t-0', [1]);
    if (only === undefined) throw new Error('no record was delivered');
    const outcomes = [IN_RUN, RETRY, BAD].map((outcome) => ({ record: only.record, event: null, outcome }));
    expect(names(toBatchResponse([only], outcomes, 'named-records'))).toEqual(['t-0@1']);
  });
});

describe('the response to a mapping that takes no partial failures', () => {
  it('throws an error that names the failed records and why, and defers all dead letters', () => {
    const { letters, respond } = answer(deliver('t-0', [1, 2, 3]), [BAD, IN_RUN, RETRY], 'whole-batch');
    expect(respond).toThrow(
      new RecordsNotProcessedError(['t-0@1', 't-0@3'], ['dead-letter-deferred', 'prefect-unavailable']),
    );
    expect(letters).toEqual([]);
  });

  it('returns no failures when the whole batch is settled', () => {
    const { letters, respond } = answer(deliver('t-0', [1, 2]), [BAD, IN_RUN], 'whole-batch');
    expect(respond()).toEqual([]);
    expect(letters).toEqual(['t-0@1']);
  });
});

/** How often a record has to be tried before it is done, and what it becomes then. */
interface Fate {
  readonly triesNeeded: number;
  readonly end: 'in run' | 'dead-lettered';
}

const fates: fc.Arbitrary<Fate> = fc.record({
  triesNeeded: fc.integer({ min: 1, max: 4 }),
  end: fc.constantFrom('in run', 'dead-lettered'),
});

const topics: fc.Arbitrary<ReadonlyMap<string, ReadonlyMap<number, Fate>>> = fc
  .dictionary(
    fc.constantFrom('t-0', 't-1', 'orders-eu-1'),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fates), { minLength: 1, maxLength: 6 }),
  )
  .map((partitions) => {
    const withOffsets = (drafts: readonly (readonly [number, Fate])[]): ReadonlyMap<number, Fate> => {
      let offset = -1;
      return new Map(drafts.map(([gap, fate]) => [(offset += gap), fate]));
    };
    return new Map(Object.entries(partitions).map(([name, drafts]) => [name, withOffsets(drafts)]));
  });

/** What Lambda delivers next of a partition, of what it delivered last. */
type Reading = (delivered: readonly number[], failed: ReadonlySet<number>) => readonly number[];

const READINGS: Readonly<Record<string, readonly [RedeliveryMode, Reading]>> = {
  'just the named records': [
    'named-records',
    (delivered, failed) => delivered.filter((offset) => failed.has(offset)),
  ],
  'everything from the lowest named record on': [
    'named-records',
    (delivered, failed) => delivered.filter((offset) => offset >= Math.min(...failed)),
  ],
  'the whole batch': ['whole-batch', (delivered, failed) => (failed.size === 0 ? [] : delivered)],
};

describe.each(Object.entries(READINGS))('delivering again %s', (_name, [mode, next]) => {
  it('settles every record, writes each dead letter once, and loses none', () => {
    fc.assert(
      fc.property(topics, (partitions) => {
        const tries = new Map<string, number>();
        const done = new Set<string>();
        const letters: string[] = [];
        let pending = new Map([...partitions].map(([name, records]) => [name, [...records.keys()]]));
        let deliveries = 0;
        while ([...pending.values()].some((offsets) => offsets.length > 0)) {
          deliveries += 1;
          // Progress: four tries for each record in a partition, one behind the other, at the very worst.
          expect(deliveries).toBeLessThanOrEqual(4 * 6);
          const delivered = [...pending].flatMap(([name, offsets]) => deliver(name, offsets));
          const outcomes = delivered.map(({ partition, offset, record: { recordId } }): Outcome => {
            const fate = partitions.get(partition)?.get(offset ?? -1);
            if (done.has(recordId) && fate?.end === 'in run') return { ...IN_RUN, kind: 'duplicate' };
            tries.set(recordId, (tries.get(recordId) ?? 0) + 1);
            if ((tries.get(recordId) ?? 0) < (fate?.triesNeeded ?? 0)) return RETRY;
            return fate?.end === 'in run' ? IN_RUN : BAD;
          });
          const concluded = deferDeadLetters(delivered, conclude(delivered, outcomes), mode);
          for (const { record, outcome } of concluded) {
            if (outcome.kind !== 'retry') done.add(record.recordId);
            if (outcome.kind === 'dead-lettered') letters.push(record.recordId);
          }
          const failed = failedOffsets(delivered, concluded, mode);
          pending = new Map([...pending].map(([name, offsets]) => [name, [...next(offsets, failed(name))]]));
          // Whatever Lambda does not deliver again is committed, so it must be done.
          const stillPending = new Set(
            [...pending].flatMap(([name, offsets]) => offsets.map((at) => `${name}@${at}`)),
          );
          for (const { record } of delivered) {
            if (!stillPending.has(record.recordId)) expect(done).toContain(record.recordId);
          }
        }
        const all = [...partitions].flatMap(([name, records]) =>
          [...records.keys()].map((at) => `${name}@${at}`),
        );
        expect([...done].toSorted()).toEqual(all.toSorted());
        expect(letters).toHaveLength(new Set(letters).size);
      }),
    );
  });
});

/** As Lambda learns it: from the response, or from the error, which fails every record. */
function failedOffsets(
  delivered: readonly DeliveredRecord[],
  concluded: readonly EventOutcome[],
  mode: RedeliveryMode,
): (partition: string) => ReadonlySet<number> {
  try {
    const { batchItemFailures } = toBatchResponse(delivered, concluded, mode);
    const named = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    return (name) => new Set(named.filter(({ partition }) => partition === name).map(({ offset }) => offset));
  } catch (error) {
    expect(error).toBeInstanceOf(RecordsNotProcessedError);
    return () => new Set(delivered.map(({ offset }) => offset ?? -1));
  }
}

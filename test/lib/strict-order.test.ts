import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReceivedRecord } from '../../lib/event/record.ts';
import { mustRedeliver, type EventOutcome, type Outcome } from '../../lib/outcome.ts';
import { holdBackAfterFailures, settleInOrder } from '../../lib/strict-order.ts';
import { PipelineParts, sqsConfig, sqsRecord } from '../support/builders/pipeline-parts.ts';

const CREATED: Outcome = { kind: 'created', route: 'r', batchId: 'b', flowRunId: 'f' };
const RETRY: Outcome = { kind: 'retry', route: 'r', code: 'in-flight', detail: '' };
const DEAD: Outcome = { kind: 'dead-lettered', route: 'r', code: 'expression-failed', detail: '' };
const FILTERED: Outcome = { kind: 'filtered', reason: 'no-route-matched' };

function ordered(messageId: string, orderGroup: string | undefined, body = '{}'): ReceivedRecord {
  return { ...sqsRecord(messageId, body), ...(orderGroup !== undefined && { orderGroup }) };
}

function redelivered(
  records: readonly ReceivedRecord[],
  outcomes: readonly EventOutcome[],
): ReceivedRecord[] {
  return records.filter((record) =>
    mustRedeliver(outcomes.filter((each) => each.record === record).map(({ outcome }) => outcome)),
  );
}

const arbitraryRecords = fc
  .array(
    fc.record({
      group: fc.constantFrom('g1', 'g2', 'g3', undefined),
      outcomes: fc.array(fc.constantFrom(CREATED, RETRY, DEAD, FILTERED), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 12 },
  )
  .map((drawn) =>
    drawn.map(({ group, outcomes }, index) => ({ record: ordered(`m${index}`, group), outcomes })),
  );

describe('holdBackAfterFailures', () => {
  it('returns exactly the records of each group from its first failure on, whatever the outcomes', () => {
    fc.assert(
      fc.property(arbitraryRecords, (drawn) => {
        const records = drawn.map(({ record }) => record);
        const outcomes = drawn.flatMap(({ record, outcomes: of }) =>
          of.map((outcome) => ({ record, event: null, outcome })),
        );
        const failed = new Set<string>();
        const expected = drawn.flatMap(({ record, outcomes: of }) => {
          const { orderGroup } = record;
          const isFailed = mustRedeliver(of) || (orderGroup !== undefined && failed.has(orderGroup));
          if (isFailed && orderGroup !== undefined) failed.add(orderGroup);
          return isFailed ? [record] : [];
        });
        expect(redelivered(records, holdBackAfterFailures(records, outcomes))).toEqual(expected);
      }),
    );
  });

  it('sends no dead letter of a record that is redelivered because an earlier one of its group failed', () => {
    fc.assert(
      fc.property(arbitraryRecords, (drawn) => {
        const records = drawn.map(({ record }) => record);
        const outcomes = drawn.flatMap(({ record, outcomes: of }) =>
          of.map((outcome) => ({ record, event: null, outcome })),
        );
        const held = holdBackAfterFailures(records, outcomes);
        const again = redelivered(records, held);
        const first = new Map(again.map((record) => [record.orderGroup, record] as const).toReversed());
        for (const { record, outcome } of held) {
          const isBehind = record.orderGroup !== undefined && first.get(record.orderGroup) !== record;
          if (isBehind && again.includes(record)) expect(outcome.kind).not.toBe('dead-lettered');
        }
      }),
    );
  });
});

/** Orders of flow runs in which the events of each group appear, by the number in their data. */
function sequences(parts: PipelineParts): ReadonlyMap<string, readonly number[]> {
  const events = parts.orders.flatMap((orders) => orders as readonly { group: string; n: number }[]);
  return new Map(
    [...Map.groupBy(events, ({ group }) => group)].map(([group, of]) => [group, of.map(({ n }) => n)]),
  );
}

describe('a source with strict order', () => {
  it.each(['none', 'invocation'] as const)(
    'creates the flow runs of each group in order in mode %s, whatever fails and however it is redelivered',
    async (mode) => {
      const coalesce = {
        mode: 'invocation',
        key: null,
        maxEvents: mode === 'none' ? 1 : 3,
        maxBytes: 400_000,
      } as const;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom('g1', 'g2'), { minLength: 1, maxLength: 9 }),
          fc.array(fc.constantFrom<'answered' | 'failed'>('answered', 'failed'), { maxLength: 8 }),
          // Kafka does not say how often it has delivered a record.
          fc.boolean(),
          async (groups, fates, isCounted) => {
            const parts = new PipelineParts(sqsConfig({ coalesce }));
            parts.prefect.planCreates(
              ...fates.map((fate) => (fate === 'failed' ? ({ status: 502 } as const) : 'answered')),
            );
            let waiting = groups.map((group, n) => ordered(`m${n}`, group, JSON.stringify({ group, n })));
            for (let delivery = 1; waiting.length > 0 && delivery < 20; delivery++) {
              const records = waiting.map((record) => ({
                ...record,
                deliveryCount: isCounted ? delivery : 1,
              }));
              waiting = redelivered(records, await parts.run(records));
              parts.letLeasesEnd();
            }
            expect(waiting).toEqual([]);
            for (const [group, numbers] of sequences(parts)) {
              expect(numbers).toEqual(groups.flatMap((each, n) => (each === group ? [n] : [])));
            }
          },
        ),
        { numRuns: 200 },
      );
    },
  );

  it('does not begin the records of a group behind a failure, and settles other groups', async () => {
    const settled: string[][] = [];
    const records = [ordered('a', 'g1'), ordered('b', 'g1'), ordered('c', 'g2'), ordered('d', 'g2')];
    const route = {};
    const outcomes = await settleInOrder(records, {
      plan: async (planned) => ({
        batches: planned.map((record) => ({ route, events: [{ record, repeats: [] }] })),
      }),
      settle: async ({ batches }) => {
        const inHand = batches.flatMap(({ events }) => events.map(({ record }) => record));
        settled.push(inHand.map(({ recordId }) => recordId));
        return inHand.map((record) => ({
          record,
          event: null,
          outcome: record.recordId === 'a' ? RETRY : CREATED,
        }));
      },
    });
    expect(settled).toEqual([['a', 'c'], ['d']]);
    expect(outcomes.find(({ record }) => record.recordId === 'b')?.outcome).toMatchObject({
      kind: 'retry',
      code: 'earlier-record-failed',
    });
  });

  it('settles records that share a batch in one wave, and plans a long group in linear time', async () => {
    const records = Array.from({ length: 400 }, (_, n) => ordered(`m${n}`, 'g1'));
    const route = {};
    let planned = 0;
    let waves = 0;
    await settleInOrder(records, {
      plan: async (wave) => {
        planned += wave.length;
        const batches = [
          ...Map.groupBy(wave, ({ recordId }) => Math.floor(Number(recordId.slice(1)) / 4)).values(),
        ];
        return {
          batches: batches.map((of) => ({ route, events: of.map((record) => ({ record, repeats: [] })) })),
        };
      },
      settle: async ({ batches }) => {
        waves++;
        return batches.flatMap(({ events }) =>
          events.map(({ record }) => ({ record, event: null, outcome: CREATED })),
        );
      },
    });
    expect(waves).toBe(100);
    expect(planned).toBeLessThan(4 * records.length);
  });
});

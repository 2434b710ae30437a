import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deliverBatch, type DeliveryTerms, type RetryPolicy } from '../../../scripts/kafka/delivery.ts';
import type { DeliveryFailure } from '../../../scripts/kafka/failure-destination.ts';
import { topicPartitionOf, type KafkaRecord } from '../../../scripts/kafka/kafka-record.ts';
import type { LambdaKafkaEvent } from '../../../scripts/kafka/lambda-event.ts';
import type { InvokeResult } from '../../../scripts/kafka/invoke.ts';
import { anyKafkaRecords, makeKafkaRecord } from '../../support/builders/make-kafka-record.ts';
import { recordsOf } from '../../support/fakes/recording-invoke.ts';

const policy: RetryPolicy = {
  reportsItemFailures: true,
  mode: 'suffix',
  maxRetries: null,
  maxRecordAgeMs: null,
  bisects: false,
  firstPauseMs: 100,
  maxPauseMs: 1_000,
};
const NOW = 1_700_000_000_000;

interface Delivered {
  readonly done: readonly KafkaRecord[];
  readonly failures: readonly DeliveryFailure[];
  readonly batchSizes: readonly number[];
  readonly pauses: readonly number[];
}

async function deliver(
  batch: readonly KafkaRecord[],
  answer: (event: LambdaKafkaEvent) => InvokeResult,
  changes: Partial<DeliveryTerms> = {},
): Promise<Delivered> {
  const done: KafkaRecord[] = [];
  const failures: DeliveryFailure[] = [];
  const batchSizes: number[] = [];
  const pauses: number[] = [];
  await deliverBatch(batch, {
    source: { eventSource: 'SelfManagedKafka', bootstrapServers: 'h:1' },
    policy,
    invoke: (event) => {
      batchSizes.push(recordsOf(event).length);
      return Promise.resolve(answer(event));
    },
    sendFailure: (failure) => Promise.resolve(void failures.push(failure)),
    isOurs: () => true,
    onDone: (records) => void done.push(...records),
    onTrouble: () => undefined,
    pause: (ms) => Promise.resolve(void pauses.push(ms)),
    nowEpochMs: () => NOW,
    ...changes,
  });
  return { done, failures, batchSizes, pauses };
}

const failed: InvokeResult = { kind: 'failed', reason: 'It threw.' };
const succeeded: InvokeResult = { kind: 'succeeded', payload: null };

function record(offset: number, changes: Partial<KafkaRecord> = {}): KafkaRecord {
  return makeKafkaRecord({ offset, timestampEpochMs: NOW, ...changes });
}

function naming(items: readonly { readonly partition: string; readonly offset: number }[]): InvokeResult {
  return {
    kind: 'succeeded',
    payload: { batchItemFailures: items.map((itemIdentifier) => ({ itemIdentifier })) },
  };
}

describe('deliverBatch', () => {
  it.each(['items', 'suffix'] as const)(
    'has every record done once in mode %s, whatever fails for a while',
    async (mode) => {
      const rolls = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 200, maxLength: 200 });
      await fc.assert(
        fc.asyncProperty(anyKafkaRecords, rolls, async (records, dice) => {
          let next = 0;
          const answer = (event: LambdaKafkaEvent): InvokeResult => {
            if (next >= dice.length) return succeeded;
            if (dice[next++] === 3) return failed;
            const bad = recordsOf(event).filter(() => dice[next++] === 0);
            return naming(bad.map((item) => ({ partition: topicPartitionOf(item), offset: item.offset })));
          };
          const { done } = await deliver(records, answer, { policy: { ...policy, mode } });
          expect(done).toHaveLength(records.length);
          expect(new Set(done)).toEqual(new Set(records));
        }),
      );
    },
  );

  it('takes any answer for success where partial failures are not asked for', async () => {
    const terms = { policy: { ...policy, reportsItemFailures: false } };
    const { done } = await deliver([record(0)], () => naming([{ partition: 'orders-0', offset: 0 }]), terms);
    expect(done).toHaveLength(1);
  });

  it('pauses before each retry, longer each time, up to a limit', async () => {
    let tries = 0;
    const { pauses } = await deliver([record(0)], () => (++tries < 7 ? failed : succeeded));
    expect(pauses).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('sends what was tried often enough to the failure destination, which then counts as done', async () => {
    const { done, failures, batchSizes } = await deliver([record(0), record(1)], () => failed, {
      policy: { ...policy, maxRetries: 2 },
    });
    expect(batchSizes).toEqual([2, 2, 2]);
    expect(done).toHaveLength(2);
    expect(failures).toMatchObject([
      { condition: 'RetryAttemptsExhausted', invokeCount: 3, records: [{}, {}] },
    ]);
  });

  it('sends records that are too old away alone: a fresh one beside them is retried', async () => {
    const old = record(0, { timestampEpochMs: NOW - 61_000 });
    let tries = 0;
    const { done, failures } = await deliver([old, record(1)], () => (++tries === 1 ? failed : succeeded), {
      policy: { ...policy, maxRecordAgeMs: 60_000 },
    });
    expect(failures).toMatchObject([{ condition: 'RecordAgeExceeded', records: [{ offset: 0 }] }]);
    expect(done.map(({ offset }) => offset)).toEqual([0, 1]);
  });

  it('finds the one that is to blame by halving, and the halves keep the count of tries', async () => {
    const records = [0, 1, 2, 3, 4, 5, 6, 7].map((offset) => record(offset));
    const poisoned = (event: LambdaKafkaEvent): InvokeResult =>
      recordsOf(event).some(({ offset }) => offset === 5) ? failed : succeeded;
    const { failures, batchSizes } = await deliver(records, poisoned, {
      policy: { ...policy, bisects: true, maxRetries: 3 },
    });
    expect(batchSizes).toEqual([8, 4, 4, 2, 1, 1, 2]);
    expect(failures).toMatchObject([{ records: [{ offset: 5 }], invokeCount: 4 }]);
  });

  it('tries again, rather than lose records, when the failure destination does not take them', async () => {
    let refusals = 0;
    const { done, batchSizes } = await deliver([record(0)], () => failed, {
      policy: { ...policy, maxRetries: 0 },
      sendFailure: () => (++refusals < 3 ? Promise.reject(new Error('queue is gone')) : Promise.resolve()),
    });
    expect(batchSizes).toEqual([1, 1, 1]);
    expect(done).toHaveLength(1);
  });

  it('neither tries again nor reports what is no longer ours', async () => {
    let isOurs = true;
    const { done, batchSizes } = await deliver(
      [record(0)],
      () => {
        isOurs = false;
        return failed;
      },
      { isOurs: () => isOurs },
    );
    expect(batchSizes).toEqual([1]);
    expect(done).toEqual([]);
  });
});

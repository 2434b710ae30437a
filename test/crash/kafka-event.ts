/** The event with which Lambda invokes a function for records of a topic, and what it leaves to be redelivered. */
import type { KafkaBatchResponse } from '../../functions/kafka-trigger/batch-response.ts';
import { toLambdaEvent, type LambdaKafkaEvent } from '../../scripts/kafka/lambda-event.ts';
import type { InvocationResult } from './function-process.ts';

interface RecordOptions {
  readonly offset: number;
  readonly value: string;
}

/** All records are in one partition. */
export function fixtureKafkaEvent(records: readonly RecordOptions[]): LambdaKafkaEvent {
  return toLambdaEvent(
    { eventSource: 'SelfManagedKafka', bootstrapServers: '127.0.0.1:9092' },
    records.map(({ offset, value }) => ({
      topic: 'orders',
      partition: 0,
      offset,
      timestampEpochMs: Date.now(),
      timestampType: 'CREATE_TIME',
      key: null,
      value: Buffer.from(value),
      headers: [],
    })),
  );
}

/** `all` if the function was killed or failed: then the poller delivers the whole batch again. */
export function offsetsToRedeliver(result: InvocationResult): 'all' | ReadonlySet<number> {
  if (result.kind !== 'responded') return 'all';
  const { batchItemFailures } = result.response as KafkaBatchResponse;
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier.offset));
}

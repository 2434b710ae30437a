/**
 * The failure destination: it receives the metadata of records that exceed the limits, as Lambda sends it to a queue.
 * The records themselves stay in their topic.
 * https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html
 */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { topicPartitionOf, type KafkaRecord } from './kafka-record.ts';
import type { LambdaKafkaSource } from './lambda-event.ts';

export interface DeliveryFailure {
  readonly records: readonly KafkaRecord[];
  readonly source: LambdaKafkaSource;
  /** 0 if it was never attempted because no event can hold it. AWS does not document this condition. */
  readonly invokeCount: number;
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded' | 'RecordTooLarge';
  readonly reason: string;
}

/** Resolves when it is stored. */
export type SendFailure = (failure: DeliveryFailure) => Promise<void>;

export function sendFailuresToQueue(client: SQSClient, queueUrl: string): SendFailure {
  return async (failure) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(failureMessage(failure, new Date())),
      }),
    );
  };
}

export function failureMessage(failure: DeliveryFailure, now: Date): object {
  const { records, source, condition, invokeCount } = failure;
  const byPartition = Map.groupBy(records, topicPartitionOf);
  return {
    requestContext: { condition, approximateInvokeCount: invokeCount },
    version: '1.0',
    timestamp: now.toISOString(),
    KafkaBatchInfo: {
      batchSize: records.length,
      bootstrapServers: source.bootstrapServers,
      ...(source.eventSource === 'aws:kafka' && { eventSourceArn: source.eventSourceArn }),
      recordsInfo: Object.fromEntries(
        [...byPartition].map(([topicPartition, ofPartition]) => [topicPartition, rangeOf(ofPartition)]),
      ),
    },
  };
}

function rangeOf(records: readonly KafkaRecord[]): object {
  const first = records.at(0);
  const last = records.at(-1);
  return {
    firstRecordOffset: first?.offset,
    lastRecordOffset: last?.offset,
    firstRecordTimestamp: first?.timestampEpochMs,
    lastRecordTimestamp: last?.timestampEpochMs,
  };
}

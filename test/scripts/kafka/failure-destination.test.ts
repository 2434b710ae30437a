import { expect, it } from 'vitest';
import { failureMessage } from '../../../scripts/kafka/failure-destination.ts';
import { makeKafkaRecord } from '../../support/builders/make-kafka-record.ts';

it('tells a failure destination where the records are, and nothing of what is in them', () => {
  const failure = {
    records: [3, 4].map((offset) => makeKafkaRecord({ offset, value: Buffer.from('secret') })),
    source: { eventSource: 'aws:kafka', eventSourceArn: 'arn:cluster', bootstrapServers: 'h:1' },
    condition: 'RetryAttemptsExhausted',
    invokeCount: 4,
    reason: 'It threw.',
  } as const;
  const range = { firstRecordOffset: 3, lastRecordOffset: 4 };
  expect(failureMessage(failure, new Date('2026-01-01T00:00:00.000Z'))).toEqual({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 4 },
    version: '1.0',
    timestamp: '2026-01-01T00:00:00.000Z',
    KafkaBatchInfo: {
      batchSize: 2,
      bootstrapServers: 'h:1',
      eventSourceArn: 'arn:cluster',
      recordsInfo: {
        'orders-0': {
          ...range,
          firstRecordTimestamp: 1_700_000_000_000,
          lastRecordTimestamp: 1_700_000_000_000,
        },
      },
    },
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicPartitionOf } from '../../../scripts/kafka/kafka-record.ts';
import {
  emptyEventBytes,
  partitionBytes,
  recordBytes,
  toLambdaEvent,
  type LambdaKafkaSource,
} from '../../../scripts/kafka/lambda-event.ts';
import { anyKafkaRecords, makeKafkaRecord } from '../../support/builders/make-kafka-record.ts';

const source: LambdaKafkaSource = {
  eventSource: 'aws:kafka',
  eventSourceArn:
    'arn:aws:kafka:us-east-1:123456789012:cluster/vpc-2priv-2pub/751d2973-a626-431c-9d4e-d7975eb44dd7-2',
  bootstrapServers: 'b-2.demo-cluster-1.a1bcde.c1.kafka.us-east-1.amazonaws.com:9092',
};

describe('toLambdaEvent', () => {
  it('makes the sample event of the documentation', () => {
    const record = makeKafkaRecord({
      topic: 'mytopic',
      offset: 15,
      timestampEpochMs: 1_545_084_650_987,
      key: Buffer.from('abcDEFghiJKLmnoPQRstuVWXyz1234=='),
      value: Buffer.from('Hello, this is a test.'),
      headers: [{ name: 'headerKey', value: Buffer.from('headerValue') }],
    });
    expect(toLambdaEvent(source, [record])).toEqual({
      ...source,
      records: {
        'mytopic-0': [
          {
            topic: 'mytopic',
            partition: 0,
            offset: 15,
            timestamp: 1_545_084_650_987,
            timestampType: 'CREATE_TIME',
            key: 'YWJjREVGZ2hpSktMbW5vUFFSc3R1VldYeXoxMjM0PT0=',
            value: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
            headers: [{ headerKey: [104, 101, 97, 100, 101, 114, 86, 97, 108, 117, 101] }],
          },
        ],
      },
    });
  });

  it('keeps every record in its partition, in its order, with all its bytes', () => {
    fc.assert(
      fc.property(anyKafkaRecords, (records) => {
        const event = JSON.parse(JSON.stringify(toLambdaEvent(source, records))) as ReturnType<
          typeof toLambdaEvent
        >;
        const expected = Map.groupBy(records, topicPartitionOf);
        expect(Object.keys(event.records)).toEqual([...expected.keys()]);
        for (const [topicPartition, ofPartition] of expected) {
          const received = (event.records[topicPartition] ?? []).map(({ offset, key, value, headers }) => ({
            offset,
            key: key === undefined ? null : Buffer.from(key, 'base64'),
            value: value === undefined ? null : Buffer.from(value, 'base64'),
            headers: headers.flatMap((header) =>
              Object.entries(header).map(([name, bytes]) => ({ name, value: Buffer.from(bytes) })),
            ),
          }));
          expect(received).toEqual(
            ofPartition.map(({ offset, key, value, headers }) => ({
              offset,
              key,
              value,
              headers: headers.map((header) => ({
                name: header.name,
                value: header.value ?? Buffer.alloc(0),
              })),
            })),
          );
        }
      }),
    );
  });
});

describe('the sizes of an event', () => {
  it('add up to no less than its JSON text, and to a comma for each record and partition more at most', () => {
    fc.assert(
      fc.property(anyKafkaRecords, (records) => {
        const partitions = new Set(records.map(topicPartitionOf));
        const estimate =
          emptyEventBytes(source) +
          records.reduce((sum, record) => sum + recordBytes(record), 0) +
          [...partitions].reduce((sum, topicPartition) => sum + partitionBytes(topicPartition), 0);
        const actual = Buffer.byteLength(JSON.stringify(toLambdaEvent(source, records)));
        expect(estimate).toBeGreaterThanOrEqual(actual);
        expect(estimate - actual).toBeLessThanOrEqual(partitions.size + 1);
      }),
    );
  });
});

/** The local event source mapping on a real broker: what it delivers, how it batches, what it commits. */
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import {
  startEventSourceMapping,
  type EventSourceMapping,
  type EventSourceMappingTerms,
} from '../../scripts/kafka/event-source-mapping.ts';
import type { Invoke } from '../../scripts/kafka/invoke.ts';
import { plaintextConnection, type KafkaAuth } from '../../scripts/kafka/kafka-connection.ts';
import { mappingSettings } from '../../scripts/kafka/mapping-settings.ts';
import type { LambdaKafkaEvent } from '../../scripts/kafka/lambda-event.ts';
import { waitUntil } from '../../scripts/stack/process.ts';
import { KafkaTopics, type TestMessage } from '../support/parts/kafka-topics.ts';
import {
  recordingInvoke,
  recordsOf,
  valueText,
  type RecordingInvoke,
} from '../support/fakes/recording-invoke.ts';

const bootstrapServer = inject('kafkaBootstrapServers');
const listeners = inject('kafkaListeners');
const SOON_MS = 30_000;

describe.skipIf(bootstrapServer === null)('the local event source mapping', () => {
  const connection = plaintextConnection(bootstrapServer ?? '');
  const topics = new KafkaTopics(connection);
  const running = new Set<EventSourceMapping>();

  afterEach(async () => {
    await Promise.all([...running].map((mapping) => mapping.stop()));
    running.clear();
  });

  afterAll(() => topics.close());

  /** Of this topic, from its beginning, with partial failures, at once. */
  const start = async (
    topic: string,
    invoke: Invoke,
    properties: object = {},
    terms: Partial<EventSourceMappingTerms> = {},
  ): Promise<EventSourceMapping> => {
    const settings = mappingSettings({
      Topics: [topic],
      StartingPosition: 'TRIM_HORIZON',
      MaximumBatchingWindowInSeconds: 0,
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: groupOf(topic) },
      ProvisionedPollerConfig: {},
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...properties,
    });
    const mapping = await startEventSourceMapping({
      settings,
      connection,
      invoke,
      firstPauseMs: 1,
      onTrouble: () => undefined,
      ...terms,
    });
    running.add(mapping);
    return mapping;
  };

  const stop = async (mapping: EventSourceMapping): Promise<void> => {
    running.delete(mapping);
    await mapping.stop();
  };

  const untilReceived = ({ records }: RecordingInvoke, count: number): Promise<void> =>
    waitUntil(() => Promise.resolve(records().length >= count), SOON_MS);

  const untilNoLag = (topic: string, partitions: number): Promise<void> =>
    waitUntil(async () => (await topics.lagOf(groupOf(topic), topic, partitions)) === 0n, SOON_MS);

  describe('delivers', () => {
    it('the documented event, headers signed and in their order, keys and values only where there are any', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, [
        {
          key: Buffer.from('key'),
          value: Buffer.from('{"id":1}'),
          timestamp: 1_700_000_000_000n,
          headers: new Map([
            [Buffer.from('trace'), Buffer.from('ë')],
            [Buffer.from('constructor'), Buffer.from('a')],
            [Buffer.from('trace'), Buffer.from('b')],
          ]),
        },
        { key: Buffer.from('deleted'), timestamp: 1_700_000_000_001n },
        { value: Buffer.from('no key'), timestamp: 1_700_000_000_002n },
      ]);
      const received = recordingInvoke();
      await start(topic, received.invoke);
      await untilReceived(received, 3);
      const record = { topic, partition: 0, timestampType: 'CREATE_TIME' };
      const headers: readonly object[] = [{ trace: [-61, -85] }, { constructor: [97] }, { trace: [98] }];
      expect(received.events).toEqual([
        {
          eventSource: 'SelfManagedKafka',
          bootstrapServers: bootstrapServer,
          records: {
            [`${topic}-0`]: [
              {
                ...record,
                offset: 0,
                timestamp: 1_700_000_000_000,
                key: 'a2V5',
                value: 'eyJpZCI6MX0=',
                headers,
              },
              { ...record, offset: 1, timestamp: 1_700_000_000_001, key: 'ZGVsZXRlZA==', headers: [] },
              { ...record, offset: 2, timestamp: 1_700_000_000_002, value: 'bm8ga2V5', headers: [] },
            ],
          },
        },
      ]);
    });

    it('the ARN of a cluster that AWS manages', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['a']));
      const received = recordingInvoke();
      await start(topic, received.invoke, {
        EventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/c',
      });
      await untilReceived(received, 1);
      expect(received.events[0]).toMatchObject({
        eventSource: 'aws:kafka',
        eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/c',
      });
    });

    it("the broker's time where the topic says so", async () => {
      const topic = await topics.create({
        partitions: 1,
        configs: { 'message.timestamp.type': 'LogAppendTime' },
      });
      const before = Date.now();
      await topics.send(topic, [{ value: Buffer.from('a'), timestamp: 1_700_000_000_000n }]);
      const received = recordingInvoke();
      await start(topic, received.invoke);
      await untilReceived(received, 1);
      const [record] = received.records();
      expect(record?.timestampType).toBe('LOG_APPEND_TIME');
      expect(record?.timestamp).toBeGreaterThanOrEqual(before);
    });

    it('what was compressed, in each way that Kafka has', async () => {
      const topic = await topics.create({ partitions: 1 });
      const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
      for (const codec of codecs) await topics.send(topic, texts([codec.repeat(50), codec]), codec);
      const received = recordingInvoke();
      await start(topic, received.invoke);
      await untilReceived(received, 10);
      expect(received.records().map(valueText)).toEqual(codecs.flatMap((codec) => [codec.repeat(50), codec]));
    });

    it('what a transaction has committed and nothing that one has aborted, and then has no lag', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.sendInTransaction(topic, texts(['aborted 1', 'aborted 2']), 'abort');
      await topics.sendInTransaction(topic, texts(['committed']), 'commit');
      await topics.send(topic, texts(['plain']));
      await topics.sendInTransaction(topic, texts(['aborted 3']), 'abort');
      const received = recordingInvoke();
      await start(topic, received.invoke);
      await untilReceived(received, 2);
      await untilNoLag(topic, 1);
      expect(received.records().map(valueText)).toEqual(['committed', 'plain']);
    });

    it('only what comes after its start, from the position LATEST on', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['earlier']));
      const received = recordingInvoke();
      await start(topic, received.invoke, { StartingPosition: 'LATEST' });
      await topics.send(topic, texts(['later']));
      await untilReceived(received, 1);
      expect(received.records().map(valueText)).toEqual(['later']);
    });

    it('what is not older than a time, from the position AT_TIMESTAMP on', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, [
        { value: Buffer.from('older'), timestamp: 1_700_000_000_000n },
        { value: Buffer.from('newer'), timestamp: 1_700_000_100_000n },
      ]);
      const received = recordingInvoke();
      const position = { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 1_700_000_050 };
      await start(topic, received.invoke, position);
      await untilReceived(received, 1);
      expect(received.records().map(valueText)).toEqual(['newer']);
    });

    it('what is left in a log whose beginning was deleted while it was away', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['a']));
      const first = recordingInvoke();
      const mapping = await start(topic, first.invoke);
      await untilReceived(first, 1);
      await stop(mapping);
      await topics.send(topic, texts(['b', 'c', 'd']));
      await topics.deleteBefore(topic, 0, 3n);
      const second = recordingInvoke();
      await start(topic, second.invoke);
      await untilReceived(second, 1);
      expect(second.records().map(valueText)).toEqual(['d']);
    });
  });

  describe('makes batches', () => {
    it('of the batch size, over several partitions, each in its order', async () => {
      const topic = await topics.create({ partitions: 3 });
      const partitions = [0, 1, 2];
      const messages = partitions.flatMap((partition) =>
        texts(['0', '1', '2', '3']).map((message) => ({ ...message, partition })),
      );
      await topics.send(topic, messages);
      const received = recordingInvoke();
      await start(topic, received.invoke, { BatchSize: 5 });
      await untilReceived(received, 12);
      expect(received.events.every((event) => recordsOf(event).length <= 5)).toBe(true);
      const ofPartition = (wanted: number) =>
        received
          .records()
          .filter(({ partition }) => partition === wanted)
          .map(valueText);
      expect(partitions.map(ofPartition)).toEqual(partitions.map(() => ['0', '1', '2', '3']));
    });

    it('of what has come within the window', async () => {
      const topic = await topics.create({ partitions: 1 });
      const received = recordingInvoke();
      await start(topic, received.invoke, { MaximumBatchingWindowInSeconds: 2 });
      for (const value of ['a', 'b', 'c']) await topics.send(topic, texts([value]));
      await untilReceived(received, 3);
      expect(received.events).toHaveLength(1);
    });

    it('of no more than the 6 MB that an invocation takes', async () => {
      const topic = await topics.create({ partitions: 1 });
      const large = Buffer.alloc(900_000, 'x');
      for (let sent = 0; sent < 10; sent++) await topics.send(topic, [{ value: large }]);
      const received = recordingInvoke();
      await start(topic, received.invoke, { MaximumBatchingWindowInSeconds: 1 });
      await untilReceived(received, 10);
      const sizes = received.events.map((event) => Buffer.byteLength(JSON.stringify(event)));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(6_291_456);
      // A sixth record of 1.2 MB in base64 would not fit in.
      expect(Math.max(...received.events.map((event) => recordsOf(event).length))).toBe(5);
    });

    it('without a record that no invocation can take, which goes to the failure destination', async () => {
      const topic = await topics.create({ partitions: 1, configs: { 'max.message.bytes': '10000000' } });
      await topics.send(topic, [{ value: Buffer.alloc(5_000_000, 'x') }]);
      await topics.send(topic, texts(['fits']));
      const received = recordingInvoke();
      const failures: unknown[] = [];
      const sendFailure = (failure: unknown) => Promise.resolve(void failures.push(failure));
      await start(topic, received.invoke, {}, { sendFailure });
      await untilReceived(received, 1);
      await untilNoLag(topic, 1);
      expect(received.records().map(valueText)).toEqual(['fits']);
      expect(failures).toMatchObject([{ condition: 'RecordTooLarge', records: [{ offset: 0 }] }]);
    });
  });

  describe('when a function names failures', () => {
    const answering = (failures: readonly object[]) => ({
      kind: 'succeeded' as const,
      payload: { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) },
    });
    /** Fails offset 1 of partition 0 on its first two deliveries. */
    const failingTwice = (topic: string): RecordingInvoke => {
      let times = 0;
      return recordingInvoke((event) => {
        const isThere = recordsOf(event).some(({ partition, offset }) => partition === 0 && offset === 1);
        return answering(isThere && ++times <= 2 ? [{ partition: `${topic}-0`, offset: 1 }] : []);
      });
    };
    const offsetsOf = (event: LambdaKafkaEvent): readonly string[] =>
      recordsOf(event).map(({ partition, offset }) => `${String(partition)}@${String(offset)}`);

    it.each([
      { retryMode: 'items', retried: ['0@1'] },
      { retryMode: 'suffix', retried: ['0@1', '0@2', '0@3'] },
    ] as const)(
      'retries $retried in mode $retryMode, and commits all in the end',
      async ({ retryMode, retried }) => {
        const topic = await topics.create({ partitions: 2 });
        await topics.send(topic, [
          ...texts(['0', '1', '2', '3']).map((message) => ({ ...message, partition: 0 })),
          ...texts(['0', '1']).map((message) => ({ ...message, partition: 1 })),
        ]);
        const received = failingTwice(topic);
        await start(topic, received.invoke, { MaximumBatchingWindowInSeconds: 1 }, { retryMode });
        await untilNoLag(topic, 2);
        const [first, ...retries] = received.events.map(offsetsOf);
        expect([...(first ?? [])].sort()).toEqual(['0@0', '0@1', '0@2', '0@3', '1@0', '1@1']);
        expect(retries).toEqual([retried, retried]);
      },
    );

    it.each([
      { title: 'that are not in the batch', identifier: { partition: 'other-0', offset: 0 } },
      { title: 'in the way of other sources', identifier: 'a-message-id' },
    ])('$title, retries the whole batch', async ({ identifier }) => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['0', '1']));
      let times = 0;
      const received = recordingInvoke(() => ({
        kind: 'succeeded',
        payload: { batchItemFailures: times++ === 0 ? [{ itemIdentifier: identifier }] : [] },
      }));
      await start(topic, received.invoke);
      await untilNoLag(topic, 1);
      expect(received.events.map(offsetsOf)).toEqual([
        ['0@0', '0@1'],
        ['0@0', '0@1'],
      ]);
    });

    it('keeps the other partitions going while one of them is stuck', async () => {
      const topic = await topics.create({ partitions: 2 });
      const received = recordingInvoke((event) => {
        const stuck = recordsOf(event).filter(({ partition }) => partition === 0);
        return answering(stuck.map(({ offset }) => ({ partition: `${topic}-0`, offset })));
      });
      await topics.send(topic, [{ value: Buffer.from('stuck'), partition: 0 }]);
      await start(topic, received.invoke);
      await untilReceived(received, 2);
      await topics.send(topic, [{ value: Buffer.from('free'), partition: 1 }]);
      await waitUntil(() => Promise.resolve(received.records().map(valueText).includes('free')), SOON_MS);
      expect(await topics.lagOf(groupOf(topic), topic, 2)).toBeGreaterThanOrEqual(1n);
    });
  });

  describe('when a function fails', () => {
    it('finds the one record that is to blame by halving, and sets it aside after its retries', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['0', '1', '2', 'poison', '4', '5', '6', '7']));
      const succeeded: string[] = [];
      const received = recordingInvoke((event) => {
        const values = recordsOf(event).map(valueText);
        if (values.includes('poison')) return { kind: 'failed', reason: 'It threw.' };
        succeeded.push(...values);
        return { kind: 'succeeded', payload: null };
      });
      const failures: unknown[] = [];
      const sendFailure = (failure: unknown) => Promise.resolve(void failures.push(failure));
      const retries = { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 5 };
      await start(topic, received.invoke, retries, { sendFailure });
      await untilNoLag(topic, 1);
      expect(succeeded).toEqual(['0', '1', '2', '4', '5', '6', '7']);
      expect(failures).toMatchObject([{ condition: 'RetryAttemptsExhausted', records: [{ offset: 3 }] }]);
    });

    it('retries the whole batch without a limit if the pollers are not provisioned', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['0', '1']));
      let times = 0;
      const received = recordingInvoke(() =>
        times++ < 4 ? { kind: 'failed', reason: 'It threw.' } : { kind: 'succeeded', payload: 'ignored' },
      );
      const onDemand = { ProvisionedPollerConfig: undefined, FunctionResponseTypes: undefined };
      await start(topic, received.invoke, onDemand);
      await untilNoLag(topic, 1);
      expect(received.events.map((event) => recordsOf(event).length)).toEqual([2, 2, 2, 2, 2]);
    });
  });

  describe('with its consumer group', () => {
    it('goes on at the committed offset after a restart', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['a', 'b']));
      const first = recordingInvoke();
      const mapping = await start(topic, first.invoke);
      await untilReceived(first, 2);
      await stop(mapping);
      await topics.send(topic, texts(['c']));
      const second = recordingInvoke();
      await start(topic, second.invoke);
      await untilReceived(second, 1);
      expect(second.records().map(valueText)).toEqual(['c']);
    });

    it('has delivered again after a restart what was being retried before it', async () => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['a', 'b', 'c']));
      const failing = recordingInvoke(() => ({
        kind: 'succeeded',
        payload: { batchItemFailures: [{ itemIdentifier: { partition: `${topic}-0`, offset: 1 } }] },
      }));
      const mapping = await start(topic, failing.invoke);
      await untilReceived(failing, 4);
      await stop(mapping);
      const second = recordingInvoke();
      await start(topic, second.invoke);
      await untilReceived(second, 2);
      expect(second.records().map(valueText)).toEqual(['b', 'c']);
    });

    it('shares the partitions with a second member, and has them all again when that one leaves', async () => {
      const topic = await topics.create({ partitions: 4 });
      const received = recordingInvoke();
      const first = await start(topic, received.invoke);
      expect(first.assignedPartitions()).toHaveLength(4);
      const second = await start(topic, received.invoke);
      await waitUntil(
        () =>
          Promise.resolve(
            first.assignedPartitions().length === 2 && second.assignedPartitions().length === 2,
          ),
        SOON_MS,
      );
      const toEachPartition = (value: string): TestMessage[] =>
        [0, 1, 2, 3].map((partition) => ({ value: Buffer.from(value), partition }));
      await topics.send(topic, toEachPartition('shared'));
      await untilNoLag(topic, 4);
      await stop(second);
      await waitUntil(() => Promise.resolve(first.assignedPartitions().length === 4), SOON_MS);
      await topics.send(topic, toEachPartition('alone'));
      await untilNoLag(topic, 4);
      const values = received.records().map(valueText);
      expect(values.filter((value) => value === 'shared')).toHaveLength(4);
      expect(values.filter((value) => value === 'alone')).toHaveLength(4);
    });
  });

  describe.skipIf(listeners === null)('logs in', () => {
    const users = {
      'plain': listeners?.plainUser,
      'scram-256': listeners?.scramUser,
      'scram-512': listeners?.scramUser,
    };
    const authOf = (scheme: keyof typeof users): KafkaAuth => ({
      scheme,
      username: users[scheme]?.username ?? '',
      password: users[scheme]?.password ?? '',
    });
    const plain = { bootstrapServers: [listeners?.saslPlaintext ?? ''], tls: null };
    const tls = { bootstrapServers: [listeners?.saslSsl ?? ''], tls: { caPem: listeners?.caPem ?? '' } };

    it.each([
      { scheme: 'plain', over: 'SASL_PLAINTEXT', listener: plain },
      { scheme: 'scram-256', over: 'SASL_PLAINTEXT', listener: plain },
      { scheme: 'scram-512', over: 'SASL_PLAINTEXT', listener: plain },
      { scheme: 'plain', over: 'SASL_SSL', listener: tls },
      { scheme: 'scram-256', over: 'SASL_SSL', listener: tls },
      { scheme: 'scram-512', over: 'SASL_SSL', listener: tls },
    ] as const)('with $scheme over $over', async ({ scheme, listener }) => {
      const topic = await topics.create({ partitions: 1 });
      await topics.send(topic, texts(['a']));
      const received = recordingInvoke();
      await start(topic, received.invoke, {}, { connection: { ...listener, auth: authOf(scheme) } });
      await untilReceived(received, 1);
      expect(received.records().map(valueText)).toEqual(['a']);
    });

    it.each([
      { title: 'a wrong password', listener: plain, auth: { ...authOf('scram-512'), password: 'wrong' } },
      { title: 'a CA that nobody knows', listener: { ...tls, tls: { caPem: '' } }, auth: authOf('plain') },
    ])('not with $title', async ({ listener, auth }) => {
      const topic = await topics.create({ partitions: 1 });
      const connecting = start(topic, recordingInvoke().invoke, {}, { connection: { ...listener, auth } });
      await expect(connecting).rejects.toThrow();
    });
  });
});

function texts(values: readonly string[]): TestMessage[] {
  return values.map((value) => ({ value: Buffer.from(value) }));
}

function groupOf(topic: string): string {
  return `group-of-${topic}`;
}

/**
 * A local substitute for Lambda's event source mapping of a Kafka topic, for development and tests; no emulator has
 * one. It reads from a real broker with its own client, and behaves as AWS documents; where AWS documents nothing, a
 * comment marks the assumption. It does not scale pollers, check IAM, decode schemas or evaluate filters: with filters
 * in the template the function receives more than it would on AWS.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RetryMode } from './batch-response.ts';
import { Batcher } from './batcher.ts';
import { deliverBatch, type RetryPolicy } from './delivery.ts';
import type { SendFailure } from './failure-destination.ts';
import { GroupConsumer } from './group-consumer.ts';
import type { Invoke } from './invoke.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { topicPartitionOf, type KafkaRecord } from './kafka-record.ts';
import type { LambdaKafkaSource } from './lambda-event.ts';
import type { MappingSettings } from './mapping-settings.ts';

export interface EventSourceMappingTerms {
  readonly settings: MappingSettings;
  readonly connection: KafkaConnection;
  readonly invoke: Invoke;
  /** Overrides the value of the settings, which may be null. */
  readonly consumerGroupId?: string;
  /** Without one, records that exceed the limits are dropped, as on AWS. */
  readonly sendFailure?: SendFailure;
  readonly retryMode?: RetryMode;
  readonly sessionTimeoutMs?: number;
  readonly firstPauseMs?: number;
  readonly onTrouble?: (message: string) => void;
}

export interface EventSourceMapping {
  /** The partitions that it currently reads, as `<topic>-<partition>`. */
  readonly assignedPartitions: () => readonly string[];
  /** Wait for the current invocation, commit, and leave the group. */
  readonly stop: () => Promise<void>;
}

const DEFAULTS = {
  retryMode: 'suffix',
  sessionTimeoutMs: 6_000,
  firstPauseMs: 100,
  sendFailure: () => Promise.resolve(),
  onTrouble: (message: string) => {
    console.warn(`Kafka mapping: ${message}`);
  },
} as const;

/** The largest payload of an invocation; AWS documents "6 MB". */
const MAX_EVENT_BYTES = 6_291_456;
/** The most concurrent invocations of a poller; each partition is in one of them. */
const MAX_CONCURRENT_INVOCATIONS = 5;
const MAX_PAUSE_MS = 10_000;

/** Start one poller, and wait until it is a member of its group. */
export async function startEventSourceMapping(terms: EventSourceMappingTerms): Promise<EventSourceMapping> {
  const poller = new Poller({ ...DEFAULTS, ...terms });
  await poller.start();
  return {
    assignedPartitions: () => poller.assignedPartitions(),
    stop: () => poller.stop(),
  };
}

type PollerTerms = EventSourceMappingTerms & Required<Pick<EventSourceMappingTerms, keyof typeof DEFAULTS>>;

class Poller {
  readonly #terms: PollerTerms;
  readonly #source: LambdaKafkaSource;
  readonly #consumer: GroupConsumer;
  readonly #batcher: Batcher;
  /** Partitions with records in delivery. */
  readonly #busy = new Set<string>();
  readonly #deliveries = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #fetching: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(terms: PollerTerms) {
    const { settings, connection } = terms;
    this.#terms = terms;
    this.#source = sourceOf(settings, connection);
    this.#batcher = new Batcher({ ...settings, maxEventBytes: MAX_EVENT_BYTES }, this.#source);
    this.#consumer = new GroupConsumer({
      connection,
      groupId: terms.consumerGroupId ?? settings.consumerGroupId ?? 'local-event-source-mapping',
      topics: settings.topics,
      startingPosition: settings.startingPosition,
      sessionTimeoutMs: terms.sessionTimeoutMs,
      onRevoked: (topicPartition) => {
        this.#batcher.dropPartition(topicPartition);
      },
      onTrouble: terms.onTrouble,
    });
  }

  assignedPartitions(): readonly string[] {
    return this.#consumer.assignedPartitions;
  }

  async start(): Promise<void> {
    await this.#consumer.join();
    this.#fetching = this.#fetchUntilStopped();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#fetching;
    await Promise.all(this.#deliveries);
    await this.#consumer.commit();
    await this.#consumer.close();
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #fetchUntilStopped(): Promise<void> {
    const { settings, onTrouble } = this.#terms;
    while (!this.#isStopping) {
      try {
        const hasRoom = this.#batcher.waitingCount < 2 * settings.batchSize;
        const records = await this.#consumer.fetch((partition) => hasRoom && !this.#busy.has(partition));
        for (const record of records) await this.#accept(record);
        this.#invokeWhatIsDue();
        await this.#consumer.commit();
        if (records.length === 0) await this.#pause(10);
      } catch (error) {
        onTrouble(`Fetching records failed: ${String(error)}`);
        await this.#pause(200);
      }
    }
  }

  async #accept(record: KafkaRecord): Promise<void> {
    if (this.#batcher.fitsAlone(record)) {
      this.#batcher.add(record, performance.now());
      return;
    }
    // AWS documents that such records "can go unprocessed", but not where they go.
    const reason = `${topicPartitionOf(record)}@${String(record.offset)} is too large for any event.`;
    this.#terms.onTrouble(reason);
    const failure = { records: [record], source: this.#source, invokeCount: 0, reason };
    await this.#terms.sendFailure({ ...failure, condition: 'RecordTooLarge' });
    this.#markDone([record]);
  }

  #invokeWhatIsDue(): void {
    clearTimeout(this.#timer);
    while (!this.#isStopping && this.#deliveries.size < MAX_CONCURRENT_INVOCATIONS) {
      const next = this.#batcher.take(performance.now(), this.#busy);
      if (next === null) return;
      if ('dueInMs' in next) {
        this.#timer = setTimeout(() => {
          this.#invokeWhatIsDue();
        }, next.dueInMs);
        return;
      }
      this.#deliver(next);
    }
  }

  #deliver(batch: readonly KafkaRecord[]): void {
    const partitions = new Set(batch.map(topicPartitionOf));
    for (const topicPartition of partitions) this.#busy.add(topicPartition);
    const delivery = deliverBatch(batch, {
      source: this.#source,
      policy: policyOf(this.#terms),
      invoke: this.#terms.invoke,
      sendFailure: this.#terms.sendFailure,
      isOurs: (record) => !this.#isStopping && this.#consumer.ledger.has(topicPartitionOf(record)),
      onDone: (records) => {
        this.#markDone(records);
      },
      onTrouble: this.#terms.onTrouble,
      pause: (ms) => this.#pause(ms),
      nowEpochMs: () => Date.now(),
    }).finally(() => {
      this.#deliveries.delete(delivery);
      for (const topicPartition of partitions) this.#busy.delete(topicPartition);
      this.#invokeWhatIsDue();
    });
    this.#deliveries.add(delivery);
  }

  #markDone(records: readonly KafkaRecord[]): void {
    for (const record of records) this.#consumer.ledger.markDone(topicPartitionOf(record), record.offset);
  }

  /** Ends early when the mapping is stopped. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

function sourceOf({ clusterArn }: MappingSettings, connection: KafkaConnection): LambdaKafkaSource {
  const bootstrapServers = connection.bootstrapServers.join(',');
  return clusterArn === null
    ? { eventSource: 'SelfManagedKafka', bootstrapServers }
    : { eventSource: 'aws:kafka', eventSourceArn: clusterArn, bootstrapServers };
}

function policyOf({ settings: { provisioned }, retryMode, firstPauseMs }: PollerTerms): RetryPolicy {
  return {
    reportsItemFailures: provisioned?.reportsItemFailures ?? false,
    bisects: provisioned?.bisects ?? false,
    maxRetries: provisioned?.maxRetries ?? null,
    maxRecordAgeMs: provisioned?.maxRecordAgeMs ?? null,
    mode: retryMode,
    firstPauseMs,
    maxPauseMs: MAX_PAUSE_MS,
  };
}

/**
 * One member of a consumer group, which pulls records of its assigned partitions. The stream of the client has a wrong
 * timestamp for records with broker time, and cannot be paused for single partitions.
 */
import { Consumer, findErrorBy, type ConsumerGroupJoinPayload } from '@platformatic/kafka';
import { positionAfter, recordsFrom } from './fetched-records.ts';
import { clientOptions, type KafkaConnection } from './kafka-connection.ts';
import { topicPartitionOf, type KafkaRecord } from './kafka-record.ts';
import type { StartingPosition } from './mapping-settings.ts';
import { OffsetLedger } from './offset-ledger.ts';

export interface GroupConsumerTerms {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  /** For partitions without a committed offset. */
  readonly startingPosition: StartingPosition;
  /** After this time without a heartbeat, the group removes the member. */
  readonly sessionTimeoutMs: number;
  readonly onRevoked: (topicPartition: string) => void;
  readonly onTrouble: (message: string) => void;
}

interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
}

const READ_COMMITTED = 1;
const FETCH_WAIT_MS = 100;
const FETCH_BYTES = 8_388_608;

/** Special values of `timestamp` in a request for offsets. */
const POSITIONS = { TRIM_HORIZON: -2n, LATEST: -1n } as const;

export class GroupConsumer {
  readonly ledger = new OffsetLedger();
  readonly #terms: GroupConsumerTerms;
  readonly #consumer: Consumer;
  readonly #assigned = new Map<string, AssignedPartition>();
  #memberId: string | null = null;
  #assignment: Promise<void> = Promise.resolve();

  constructor(terms: GroupConsumerTerms) {
    this.#terms = terms;
    this.#consumer = new Consumer({
      ...clientOptions(terms.connection, `local-mapping-${terms.groupId}`),
      groupId: terms.groupId,
      autocommit: false,
      isolationLevel: READ_COMMITTED,
      sessionTimeout: terms.sessionTimeoutMs,
      rebalanceTimeout: terms.sessionTimeoutMs,
      heartbeatInterval: Math.ceil(terms.sessionTimeoutMs / 5),
    });
    this.#consumer.topics.trackAll(...terms.topics);
    this.#consumer.on('consumer:group:join', (payload) => {
      this.#assignment = this.#assignment.then(() => this.#assign(payload));
    });
    this.#consumer.on('consumer:heartbeat:error', ({ error }) => {
      terms.onTrouble(`A heartbeat failed: ${error.message}`);
    });
  }

  /** Resolve when this member has joined; it rejoins by itself when the group is rebalanced. */
  async join(): Promise<void> {
    await this.#consumer.joinGroup();
    await this.#assignment;
  }

  get assignedPartitions(): readonly string[] {
    return [...this.#assigned.keys()];
  }

  /** Fetch the next records of the given assigned partitions; an empty list after a short wait without any. */
  async fetch(isWanted: (topicPartition: string) => boolean): Promise<readonly KafkaRecord[]> {
    await this.#assignment;
    const wanted = [...this.#assigned].filter(([topicPartition]) => isWanted(topicPartition));
    if (wanted.length === 0) return [];
    const { topics } = await this.#consumer.metadata({ topics: [...this.#terms.topics] });
    const byLeader = Map.groupBy(
      wanted,
      ([, { topic, partition }]) => topics.get(topic)?.partitions[partition]?.leader ?? -1,
    );
    const fetched: KafkaRecord[] = [];
    for (const [leader, partitions] of byLeader) {
      fetched.push(
        ...(await this.#fetchFrom(
          leader,
          partitions.map(([, assigned]) => assigned),
        )),
      );
    }
    return fetched;
  }

  /** Commit offsets of partitions that are still assigned. Offsets that fail are committed by the next call. */
  async commit(): Promise<void> {
    const offsets = this.ledger.committable().flatMap((committable) => {
      const assigned = this.#assigned.get(committable.topicPartition);
      return assigned === undefined ? [] : [{ ...committable, ...assigned, leaderEpoch: -1 }];
    });
    if (offsets.length === 0) return;
    try {
      await this.#consumer.commit({ offsets });
      this.ledger.markCommitted(offsets);
    } catch (error) {
      this.#terms.onTrouble(`Committing offsets failed: ${String(error)}`);
    }
  }

  /** Leave the group, so that other members get the partitions immediately. */
  async close(): Promise<void> {
    await this.#consumer.close(true);
  }

  async #fetchFrom(
    leader: number,
    partitions: readonly AssignedPartition[],
  ): Promise<readonly KafkaRecord[]> {
    const { topics } = await this.#consumer.metadata({ topics: [...this.#terms.topics] });
    const topicById = new Map([...topics].map(([topic, { id }]) => [id, topic]));
    const request = [...Map.groupBy(partitions, ({ topic }) => topics.get(topic)?.id ?? '')];
    try {
      const { responses } = await this.#consumer.fetch({
        node: leader,
        isolationLevel: READ_COMMITTED,
        minBytes: 1,
        maxWaitTime: FETCH_WAIT_MS,
        maxBytes: FETCH_BYTES,
        topics: request.map(([topicId, ofTopic]) => ({
          topicId,
          partitions: ofTopic.map((assigned) => ({
            partition: assigned.partition,
            fetchOffset: this.ledger.positionOf(topicPartitionOf(assigned)),
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
            partitionMaxBytes: FETCH_BYTES / 8,
          })),
        })),
      });
      return responses.flatMap(({ topicId, partitions: answered }) =>
        answered.flatMap(({ partitionIndex, records }) =>
          (records ?? []).flatMap((batch) =>
            this.#take({ topic: topicById.get(topicId) ?? '', partition: partitionIndex }, batch),
          ),
        ),
      );
    } catch (error) {
      if (!(error instanceof Error && findErrorBy(error, 'apiId', 'OFFSET_OUT_OF_RANGE'))) throw error;
      await Promise.all(partitions.map((assigned) => this.#leaveDeletedRange(assigned)));
      return [];
    }
  }

  #take(assigned: AssignedPartition, batch: Parameters<typeof recordsFrom>[0]): readonly KafkaRecord[] {
    const topicPartition = topicPartitionOf(assigned);
    // The partition may have been lost before the response arrived.
    if (!this.ledger.has(topicPartition)) return [];
    const records = recordsFrom(batch, assigned, this.ledger.positionOf(topicPartition));
    this.ledger.advance(
      topicPartition,
      records.map(({ offset }) => offset),
      positionAfter(batch),
    );
    return records;
  }

  /** A member that the group had removed may have lost a partition to others in between. */
  async #assign({ memberId, assignments = [] }: ConsumerGroupJoinPayload): Promise<void> {
    const isNewMember = memberId !== this.#memberId;
    this.#memberId = memberId;
    const now = new Map(
      assignments.flatMap(({ topic, partitions }) =>
        partitions.map((partition) => [topicPartitionOf({ topic, partition }), { topic, partition }]),
      ),
    );
    for (const topicPartition of this.assignedPartitions) {
      if (now.has(topicPartition) && !isNewMember) continue;
      this.#assigned.delete(topicPartition);
      this.ledger.close(topicPartition);
      this.#terms.onRevoked(topicPartition);
    }
    const added = [...now].filter(([topicPartition]) => !this.#assigned.has(topicPartition));
    await Promise.all(added.map(([, assigned]) => this.#open(assigned)));
    for (const [topicPartition, assigned] of added) this.#assigned.set(topicPartition, assigned);
  }

  /** Read from the committed offset, otherwise from the starting position. */
  async #open(assigned: AssignedPartition): Promise<void> {
    const { topic, partition } = assigned;
    const committed = await this.#committedOffset(assigned);
    const position = committed >= 0n ? committed : await this.#startingOffset(topic, partition);
    this.ledger.open(topicPartitionOf(assigned), position);
  }

  /** Read from the starting position if the next offset is no longer, or not yet, in the log. */
  async #leaveDeletedRange({ topic, partition }: AssignedPartition): Promise<void> {
    const topicPartition = topicPartitionOf({ topic, partition });
    const position = this.ledger.positionOf(topicPartition);
    const first = await this.#offsetAt(topic, partition, POSITIONS.TRIM_HORIZON);
    const end = await this.#offsetAt(topic, partition, POSITIONS.LATEST);
    if (position >= first && position <= end) return;
    this.ledger.open(topicPartition, await this.#startingOffset(topic, partition));
  }

  async #committedOffset({ topic, partition }: AssignedPartition): Promise<bigint> {
    const offsets = await this.#consumer.listCommittedOffsets({
      topics: [{ topic, partitions: [partition] }],
    });
    return offsets.get(topic)?.[partition] ?? -1n;
  }

  async #startingOffset(topic: string, partition: number): Promise<bigint> {
    const { startingPosition } = this.#terms;
    const timestamp =
      startingPosition.at === 'AT_TIMESTAMP'
        ? BigInt(startingPosition.timestampEpochMs)
        : POSITIONS[startingPosition.at];
    const offset = await this.#offsetAt(topic, partition, timestamp);
    // No record is as young as that.
    return offset >= 0n ? offset : this.#offsetAt(topic, partition, POSITIONS.LATEST);
  }

  async #offsetAt(topic: string, partition: number, timestamp: bigint): Promise<bigint> {
    const partitions = { [topic]: [partition] };
    const offsets = await this.#consumer.listOffsets({ topics: [topic], partitions, timestamp });
    return offsets.get(topic)?.[partition] ?? -1n;
  }
}

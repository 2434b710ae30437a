/**
 * One member of a consumer group, which reads what is assigned to it by pulling: the client's own stream shows
 * a wrong time for records that the broker stamped, and cannot be held back for single partitions.
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
  /** For partitions of which the group has committed nothing. */
  readonly startingPosition: StartingPosition;
  /** After so long without a heartbeat, the group does without this member. */
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

/** `timestamp` of a request for offsets, where it is not a time. */
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

  /** Resolves when this member has joined; it joins again by itself whenever the group is rebalanced. */
  async join(): Promise<void> {
    await this.#consumer.joinGroup();
    await this.#assignment;
  }

  get assignedPartitions(): readonly string[] {
    return [...this.#assigned.keys()];
  }

  /** The next records of all assigned partitions that are wanted; none after a short while without any. */
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

  /** Of partitions that are still assigned. What cannot be committed now is with the next call. */
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
      this.#terms.onTrouble(`Offsets were not committed: ${String(error)}`);
    }
  }

  /** Leaves the group, so that its other members have the partitions at once. */
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
    // It may have been lost while the answer was on its way.
    if (!this.ledger.has(topicPartition)) return [];
    const records = recordsFrom(batch, assigned, this.ledger.positionOf(topicPartition));
    this.ledger.advance(
      topicPartition,
      records.map(({ offset }) => offset),
      positionAfter(batch),
    );
    return records;
  }

  /** A member that the group had given up may have lost what it is given now to others in between. */
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

  /** From the committed offset, or else from the starting position. */
  async #open(assigned: AssignedPartition): Promise<void> {
    const { topic, partition } = assigned;
    const committed = await this.#committedOffset(assigned);
    const position = committed >= 0n ? committed : await this.#startingOffset(topic, partition);
    this.ledger.open(topicPartitionOf(assigned), position);
  }

  /** Where what was to be read next is no longer, or not yet, in the log: from the starting position. */
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
    // Nothing is as young as that.
    return offset >= 0n ? offset : this.#offsetAt(topic, partition, POSITIONS.LATEST);
  }

  async #offsetAt(topic: string, partition: number, timestamp: bigint): Promise<bigint> {
    const partitions = { [topic]: [partition] };
    const offsets = await this.#consumer.listOffsets({ topics: [topic], partitions, timestamp });
    return offsets.get(topic)?.[partition] ?? -1n;
  }
}

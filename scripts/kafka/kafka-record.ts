/** A record as the broker stores it. */

export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampEpochMs: number;
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME';
  readonly key: Buffer | null;
  /** `null` for a tombstone. */
  readonly value: Buffer | null;
  /** In the order of the record; a name can occur more than once. */
  readonly headers: readonly KafkaHeader[];
}

export interface KafkaHeader {
  readonly name: string;
  readonly value: Buffer | null;
}

/** The name of a partition in Lambda's events and batch responses: `<topic>-<partition>`. */
export function topicPartitionOf({ topic, partition }: Pick<KafkaRecord, 'topic' | 'partition'>): string {
  return `${topic}-${String(partition)}`;
}

/** What kinds of sources do in their own way, so that the pipeline is the same for all of them. */
import type { CompiledLimits, CompiledSource } from '../compiled-config/compiled.ts';
import { decodeRecord } from '../event/decode.ts';
import type { ReceivedRecord } from '../event/record.ts';
import type { EventOutcome } from '../outcome.ts';
import type { Deadline } from '../ports.ts';
import type { KafkaDecoded } from '../schema-registry/decode-kafka.ts';

/** The events of a record, its rejection, or why neither is known yet. */
export type DecodedRecord = KafkaDecoded;

export interface SourceAdapter {
  /** Decode records, one result each, in their order. Whatever is wrong with a record is in its result. */
  decodeRecords(records: readonly ReceivedRecord[], deadline: Deadline): Promise<readonly DecodedRecord[]>;
  /** Turn dead letters into retries whose records are redelivered anyway, so that they are sent once. */
  deferDeadLetters(outcomes: readonly EventOutcome[]): readonly EventOutcome[];
}

/** Decode each record on its own, and defer nothing: queues redeliver each message by itself. */
export function queueSourceAdapter(source: CompiledSource, limits: CompiledLimits): SourceAdapter {
  return {
    decodeRecords: (records) =>
      Promise.resolve(records.map((record) => decodeRecord(record, source, limits))),
    deferDeadLetters: (outcomes) => outcomes,
  };
}

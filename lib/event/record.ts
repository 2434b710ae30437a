/** The record: what a source delivered, before it is decoded. */
import type { Event, Origin } from './event.ts';
import type { Header } from './header.ts';

export interface ReceivedRecord {
  /** What the source calls it when it is acknowledged: an SQS message id, a Kafka `topic-partition@offset`. */
  readonly recordId: string;
  readonly origin: Origin;
  /** The bytes, or the text where the source delivers text (SQS). */
  readonly body: Uint8Array | string;
  readonly contentType?: string;
  /** HTTP headers, SQS message attributes or Kafka headers, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Kafka's key as it is. */
  readonly key?: Uint8Array;
  /**
   * Headers that become part of the event, as they are: those that an HTTP source lists, all of Kafka, all attributes
   * of an SQS message. In order, and the same name more than once.
   */
  readonly headerList?: readonly Header[];
  /** What the sender calls this delivery, the same when it is sent again; of verified requests only. */
  readonly deliveryId?: string;
  /** How often the source has delivered it, this time included: 1 on the first delivery. */
  readonly deliveryCount: number;
  /** Set if the source has `order: strict`: its flow runs are created in the order of the records of this group. */
  readonly orderGroup?: string;
  /** Why nothing can be made of the record: what the source delivered is not of the shape that it documents. */
  readonly defect?: Rejection;
  /**
   * An event that was decoded before, as CloudEvents JSON, in a record that does not come from a source. Its `identity`
   * is kept, because it does not always follow from its attributes.
   */
  readonly identity?: readonly string[];
  /** Of a record that a dead letter brought back. */
  readonly redriven?: Redriven;
}

/** What a dead letter is about. Null where it is about the whole record, which could not be decoded. */
export interface Redriven {
  readonly eventId: string | null;
  readonly route: string | null;
  /** Whose run never executes: there the event died. Null when Prefect was not asked. */
  readonly batchId: string | null;
}

/** Why a record or an event cannot become part of a flow run. Codes are stable and documented. */
export interface Rejection {
  readonly code: RejectionCode;
  /** The problem, its position and a suggested fix. It never contains the payload or a secret. */
  readonly detail: string;
}

/** Stages of the pipeline in which a rejection can happen; they name the stage in a dead letter. */
export type RejectionCode =
  | 'malformed-record'
  | 'empty-body'
  | 'invalid-utf8'
  | 'invalid-json'
  | 'duplicate-keys'
  | 'too-large'
  | 'too-many-events'
  | 'too-deep'
  | 'too-many-keys'
  | 'number-out-of-range'
  | 'nul-character'
  | 'lone-surrogate'
  | 'template-marker'
  | 'invalid-cloudevent'
  | 'invalid-envelope'
  | 'invalid-form'
  | 'unsupported-content-type'
  | 'unsupported-content-encoding'
  | 'unexpected-schema-framing'
  | 'schema-id-missing'
  | 'schema-unknown'
  | 'schema-unusable'
  | 'schema-mismatch'
  | 'expression-failed'
  | 'unknown-work-queue'
  | 'invalid-run-option'
  | 'route-removed'
  | 'refused-by-prefect';

/** One event of a batch that cannot be accepted; the whole batch is refused with it. */
export interface BadEvent {
  readonly index: number;
  readonly rejection: Rejection;
}

/**
 * One record may hold several events (a batch) or be unreadable. A batch is refused as a whole: `badEvents`
 * lists every event that is to blame, `rejection` and `index` are those of the first.
 */
export type Decoded =
  | { readonly kind: 'events'; readonly events: readonly Event[] }
  | {
      readonly kind: 'rejected';
      readonly rejection: Rejection;
      readonly index?: number;
      readonly badEvents?: readonly BadEvent[];
    };

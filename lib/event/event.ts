/** The event: what happened, in CloudEvents' words, and where Sluice received it. */
import type { Header } from './header.ts';

/**
 * Where an event was received. Names are the source's own.
 * `index` is the position within one HTTP request (a CloudEvents batch or a JSON array), 0 otherwise.
 */
export type Origin =
  | {
      readonly kind: 'http';
      readonly requestId: string;
      readonly index: number;
      readonly receivedAtEpochMs: number;
    }
  | {
      readonly kind: 'sqs';
      readonly messageId: string;
      readonly queueArn: string;
      readonly sentAtEpochMs: number;
    }
  | {
      readonly kind: 'kafka';
      /** ARN of the MSK cluster, or the bootstrap servers of another, sorted and joined by commas. */
      readonly cluster: string;
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      /** -1 when the record has none. */
      readonly timestampEpochMs: number;
      /** `CREATE_TIME` or `LOG_APPEND_TIME`: whose clock it was. */
      readonly timestampType?: string;
      /** The record's key where it is text; `keyBase64` where it is not; neither where there is none. */
      readonly key?: string;
      readonly keyBase64?: string;
      /** Whether the record had no value, not even an empty one: what its key names is gone. */
      readonly tombstone: boolean;
      /** What the registry calls the schema of the value, and under which subject it is registered. */
      readonly schemaId?: string;
      readonly schemaSubject?: string;
    };

/** When the source took the event, by the source's clock; null when the source does not say. */
export function acceptedAtEpochMsOf(origin: Origin): number | null {
  switch (origin.kind) {
    case 'http':
      return origin.receivedAtEpochMs;
    case 'sqs':
      return origin.sentAtEpochMs;
    case 'kafka':
      return origin.timestampEpochMs < 0 ? null : origin.timestampEpochMs;
  }
}

/**
 * The payload.
 * - `json`: `text` is the JSON text exactly as received (it is what reaches the flow run, so integers beyond
 *   2^53 and the order of keys survive); `value` is the same, parsed for expressions, with integers beyond
 *   2^53 as `bigint`.
 * - `binary`: base64, as CloudEvents' JSON format carries bytes in `data_base64`.
 * - `none`: the event has no data, which is not the same as JSON `null`.
 */
export type EventData =
  | { readonly kind: 'json'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly base64: string }
  | { readonly kind: 'none' };

export type ExtensionValue = string | number | boolean;

/** CloudEvents 1.0 context attributes (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md). */
export interface CloudEventAttributes {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly extensions: Readonly<Record<string, ExtensionValue>>;
}

/** The attributes, the data, and Sluice's own `origin` and `identity`. */
export interface Event extends CloudEventAttributes {
  readonly data: EventData;
  readonly origin: Origin;
  /** What the sender said beside the body; absent when that is nothing. Expressions read it as `event.headers`. */
  readonly headers?: readonly Header[];
  /**
   * What tells this event from every other one when its route names no `dedupe.key`: for example
   * `['cloudevents', source, id]` or `['sqs', queueArn, messageId]`. Stable across redelivery, and it never
   * makes two events of one: the parts are hashed with their lengths.
   */
  readonly identity: readonly string[];
  /**
   * Whether a key of `TEMPLATE_MARKERS` is somewhere in the JSON data: Prefect would render such an object as a
   * template, or load a block in its place. What becomes of the event is each route's decision
   * (`run.templateMarkers`).
   */
  readonly hasTemplateMarker: boolean;
}

/** A record of Kafka that says that what its key names is gone. Its data are JSON null. */
export function isTombstone({ origin }: Event): boolean {
  return origin.kind === 'kafka' && origin.tombstone;
}

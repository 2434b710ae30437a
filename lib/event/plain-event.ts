/** Events that bring no CloudEvents attributes: they are given attributes of their origin. */
import { hash } from 'node:crypto';
import type { CompiledSource } from '../compiled-config/compiled.ts';
import type { ContentKind, Content } from './content.ts';
import { acceptedAtEpochMsOf, type Event, type EventData, type Origin } from './event.ts';
import { isJson, type MediaType } from './media-type.ts';
import type { ReceivedRecord } from './record.ts';
import { senderAttributes, type SenderAttributes } from './sender-attributes.ts';
import { webhookSenderOf } from './webhook-senders.ts';

export interface PlainEventFacts {
  readonly origin: Origin;
  readonly id: string;
  readonly datacontenttype: string;
  /** Of the request; names in lower case. */
  readonly headers?: ReadonlyMap<string, string>;
}

/** `id` is natural to the origin, so that the same delivery always makes the same event. */
export function plainEvent(
  facts: PlainEventFacts,
  source: CompiledSource,
  { data, hasTemplateMarker }: Content,
): Event {
  const { origin, id, datacontenttype, headers } = facts;
  const said = headers === undefined ? {} : attributesSaid(source, headers, data);
  const time = said.time ?? timeOf(origin);
  const eventSource = `sluice:${source.name}`;
  return {
    id,
    source: said.source ?? eventSource,
    type: said.type ?? source.eventType,
    ...(said.subject !== undefined && { subject: said.subject }),
    ...(time === undefined ? {} : { time }),
    datacontenttype,
    extensions: {},
    data,
    origin,
    // Whatever the sender calls itself: the deliveries of two sources are never one event.
    identity: identityOf(origin, eventSource, id),
    hasTemplateMarker,
  };
}

function attributesSaid(
  source: CompiledSource,
  headers: ReadonlyMap<string, string>,
  data: EventData,
): SenderAttributes {
  const sender = source.type === 'http' ? webhookSenderOf(source.verify) : null;
  return sender === null ? {} : senderAttributes(sender, headers, data.kind === 'json' ? data.value : null);
}

/** A request whose sender names no delivery has nothing that stays the same when it is sent again but its body. */
export function naturalIdOf({ origin, body, deliveryId }: ReceivedRecord): string {
  switch (origin.kind) {
    case 'http':
      return deliveryId ?? `sha256-${hash('sha256', body, 'base64url')}`;
    case 'sqs':
      return origin.messageId;
    case 'kafka':
      return `${origin.topic}-${origin.partition}@${origin.offset}`;
  }
}

/** The content type as received when it fits how the data are kept, else the plain one of that kind. */
export function datacontenttypeOf(content: ContentKind, mediaType: MediaType | undefined): string {
  switch (content) {
    case 'json':
      return mediaType !== undefined && isJson(mediaType) ? mediaType.text : 'application/json';
    case 'form':
    case 'windows-1252-form':
      return 'application/json';
    case 'text':
      return mediaType !== undefined && !isJson(mediaType) ? mediaType.text : 'text/plain; charset=UTF-8';
    case 'bytes':
      return mediaType?.text ?? 'application/octet-stream';
  }
}

function identityOf(origin: Origin, eventSource: string, id: string): readonly string[] {
  switch (origin.kind) {
    case 'http':
      return ['cloudevents', eventSource, id];
    case 'sqs':
      return ['sqs', origin.queueArn, origin.messageId];
    case 'kafka':
      return ['kafka', origin.cluster, origin.topic, String(origin.partition), String(origin.offset)];
  }
}

function timeOf(origin: Origin): string | undefined {
  const epochMs = acceptedAtEpochMsOf(origin);
  if (epochMs === null) return undefined;
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Events that bring no CloudEvents attributes: they are given attributes of their origin. */
import { hash } from 'node:crypto';
import type { CompiledSource } from '../compiled-config/compiled.ts';
import type { ContentKind, Content } from './content.ts';
import { acceptedAtEpochMsOf, type Event, type Origin } from './event.ts';
import { isJson, type MediaType } from './media-type.ts';
import type { ReceivedRecord } from './record.ts';

/** `id` is natural to the origin, so that the same delivery always makes the same event. */
export function plainEvent(
  facts: { readonly origin: Origin; readonly id: string; readonly datacontenttype: string },
  source: CompiledSource,
  { data, hasTemplateMarker }: Content,
): Event {
  const { origin, id, datacontenttype } = facts;
  const time = timeOf(origin);
  const eventSource = `sluice:${source.name}`;
  return {
    id,
    source: eventSource,
    type: source.eventType,
    ...(time === undefined ? {} : { time }),
    datacontenttype,
    extensions: {},
    data,
    origin,
    identity: identityOf(origin, eventSource, id),
    hasTemplateMarker,
  };
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

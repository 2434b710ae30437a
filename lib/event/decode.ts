/** Decodes a record into events, or into a rejection with a suggested fix. Total. */
import type { CompiledLimits, CompiledSource } from '../compiled-config/compiled.ts';
import {
  decodeBody,
  decodedBatch,
  asSingleEvent,
  originAt,
  tooManyEvents,
  type BodyContext,
} from './decode-body.ts';
import { parseStructuredCloudEvent } from './cloudevents-json.ts';
import { readText } from './content.ts';
import type { EnvelopedContent } from './envelope.ts';
import type { Event } from './event.ts';
import { NO_JSON_LIMITS } from './json-value.ts';
import { wasQueuedBySluice } from './queue-message.ts';
import { claimsCloudEvent, detectContentFormat, detectFormat, rejectCompressed } from './payload-format.ts';
import type { BadEvent, Decoded, ReceivedRecord } from './record.ts';
import { MAX_ENVELOPES, unwrap } from './unwrap.ts';

/**
 * The events of one record, whose format the source or the record's content type says. Never throws.
 * A batch (of CloudEvents, a JSON array in an HTTP request, the records of an envelope) is decoded whole or
 * refused whole.
 */
export function decodeRecord(
  record: ReceivedRecord,
  source: CompiledSource,
  limits: CompiledLimits,
): Decoded {
  const { identity } = record;
  if (identity !== undefined) return decodeAgain(record, identity);
  if (wasQueuedBySluice(record)) {
    // It was accepted under the limits of that day, and since then a flow run is owed.
    return asSingleEvent(parseStructuredCloudEvent(record.body, NO_JSON_LIMITS, record.origin));
  }
  const compressed = rejectCompressed(record);
  if (compressed !== undefined) return compressed;
  const context: BodyContext = { record, source, limits };
  // A record that claims to be a CloudEvent is one, and is in no envelope.
  const enveloped = claimsCloudEvent(record) ? undefined : decodeEnveloped(context);
  if (enveloped !== undefined) return enveloped;
  const format = detectFormat(record, source.format);
  return format.kind === 'rejected' ? format : decodeBody(context, format);
}

/** Whatever the source delivers: this event was read once, under the limits of that day. */
function decodeAgain({ body, origin }: ReceivedRecord, identity: readonly string[]): Decoded {
  const text = readText(body);
  if (typeof text !== 'string') return text;
  const reading = parseStructuredCloudEvent(text, NO_JSON_LIMITS, origin);
  return reading.kind === 'rejected' ? reading : { kind: 'events', events: [{ ...reading.event, identity }] };
}

/**
 * The contents of the envelopes around the body, each read as a record of its own would be; undefined when there
 * are none of those that the source names.
 */
function decodeEnveloped(context: BodyContext): Decoded | undefined {
  const { record, source, limits } = context;
  if (source.unwrap.length === 0) return undefined;
  const text = readText(record.body);
  // A rule adds one envelope to an event. Anything inside that looks like another one is data of the producer.
  const maxEnvelopes = source.type === 'eventbridge' ? 1 : MAX_ENVELOPES;
  const unwrapped = typeof text === 'string' ? unwrap(text, source.unwrap, limits, maxEnvelopes) : undefined;
  if (unwrapped === undefined || unwrapped.kind === 'rejected') return unwrapped;
  const tooMany = tooManyEvents(unwrapped.contents.length, source);
  if (tooMany !== undefined) return tooMany;

  const events: Event[] = [];
  const badEvents: BadEvent[] = [];
  for (const [index, content] of unwrapped.contents.entries()) {
    const inner = decodeContent(content, context);
    if (inner.kind === 'rejected') badEvents.push({ index, rejection: inner.rejection });
    else events.push(...inner.events);
  }
  const numbered = events.map((event, index) => ({ ...event, origin: originAt(event.origin, index) }));
  return decodedBatch(numbered, badEvents);
}

/** Headers and content type of the record describe the envelope, not its content. */
function decodeContent({ text, contentType, attributes }: EnvelopedContent, outer: BodyContext): Decoded {
  const { recordId, origin, deliveryCount } = outer.record;
  const record: ReceivedRecord = {
    recordId,
    origin,
    deliveryCount,
    body: text,
    headers: new Map(),
    ...(contentType !== undefined && isContentTypeVouchedFor(outer.source) && { contentType }),
  };
  const reading = detectContentFormat(record, outer.source.format);
  return reading.kind === 'rejected' ? reading : decodeBody({ ...outer, record, given: attributes }, reading);
}

/** The signature of Amazon SNS does not cover message attributes: anyone who has a message could change them. */
function isContentTypeVouchedFor(source: CompiledSource): boolean {
  return source.type !== 'http' || source.verify.scheme !== 'sns';
}

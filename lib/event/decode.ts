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
import type { Header } from './header.ts';
import { NO_JSON_LIMITS } from './json-value.ts';
import { wasQueuedBySluice } from './queue-message.ts';
import { claimsCloudEvent, detectContentFormat, detectFormat, rejectCompressed } from './payload-format.ts';
import type { BadEvent, Decoded, ReceivedRecord } from './record.ts';
import { MAX_ENVELOPES, unwrap } from './unwrap.ts';

/** Decode one record into its events, each with the headers of the record. Never throws. */
export function decodeRecord(
  record: ReceivedRecord,
  source: CompiledSource,
  limits: CompiledLimits,
): Decoded {
  return withHeaders(decodeWithoutHeaders(record, source, limits), record.headerList);
}

/** Add headers to the events that have none yet. They are neither copied nor read until an expression asks for them. */
export function withHeaders(decoded: Decoded, headers: readonly Header[] = []): Decoded {
  if (decoded.kind === 'rejected' || headers.length === 0) return decoded;
  // They were just made here, and a copy of each would cost routes that read no header.
  for (const event of decoded.events) if (event.headers === undefined) Object.assign(event, { headers });
  return decoded;
}

/**
 * The events of one record, whose format the source or the record's content type says.
 * A batch (of CloudEvents, a JSON array in an HTTP request, the records of an envelope) is decoded whole or
 * refused whole.
 */
function decodeWithoutHeaders(
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
  const context: BodyContext = { record, source, limits, headers: record.headerList };
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

/** Content type and `ce-` headers of the record describe the envelope, not its content. */
function decodeContent(content: EnvelopedContent, outer: BodyContext): Decoded {
  const { text, contentType, attributes } = content;
  const { recordId, origin, deliveryCount } = outer.record;
  const record: ReceivedRecord = {
    recordId,
    origin,
    deliveryCount,
    body: text,
    headers: new Map(),
    ...(contentType !== undefined && areAttributesVouchedFor(outer.source) && { contentType }),
  };
  const reading = detectContentFormat(record, outer.source.format);
  if (reading.kind === 'rejected') return reading;
  const headers = [...(outer.headers ?? []), ...headersOfContent(content, outer.source)];
  return withHeaders(decodeBody({ ...outer, record, headers, given: attributes }, reading), headers);
}

/** What an HTTP source does not list never becomes part of the event, wherever in the request it is. */
function headersOfContent({ headers = [] }: EnvelopedContent, source: CompiledSource): readonly Header[] {
  if (source.type !== 'http') return headers;
  if (!areAttributesVouchedFor(source)) return [];
  return headers
    .map(({ name, value }) => ({ name: name.toLowerCase(), value }))
    .filter(({ name }) => source.headers.includes(name));
}

/** The signature of Amazon SNS does not cover message attributes: anyone who has a message could change them. */
function areAttributesVouchedFor(source: CompiledSource): boolean {
  return source.type !== 'http' || source.verify.scheme !== 'sns';
}

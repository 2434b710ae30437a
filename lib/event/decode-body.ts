/** One body, by the way it is to be read: one event, or a batch that is decoded whole or refused whole. */
import type { CompiledLimits, CompiledSource } from '../compiled-config/compiled.ts';
import { cloudEvent, type ParsedCloudEvent } from './cloudevents.ts';
import { readAttributeHeaders } from './cloudevents-http.ts';
import { readAttributeRecordHeaders } from './cloudevents-kafka.ts';
import { parseStructuredCloudEvent, toStructuredCloudEvent } from './cloudevents-json.ts';
import { contentKindOf, readContent, readText, sizeOf, type ContentKind } from './content.ts';
import type { CloudEventAttributes, Event, Origin } from './event.ts';
import { readContentOrPayload } from './form-payload.ts';
import { headerBytes, mostHeaderBytes, type Header } from './header.ts';
import { countJsonElements, readJson, splitJsonArray } from './json-value.ts';
import type { MediaType } from './media-type.ts';
import { datacontenttypeOf, naturalIdOf, plainEvent } from './plain-event.ts';
import type { PayloadFormat } from './payload-format.ts';
import type { BadEvent, Decoded, ReceivedRecord } from './record.ts';
import { rejected, type Rejected } from './rejection.ts';

export interface BodyContext {
  readonly record: ReceivedRecord;
  readonly source: CompiledSource;
  readonly limits: CompiledLimits;
  /** What becomes part of each event, and counts towards its size. */
  readonly headers: readonly Header[] | undefined;
  /** What the envelope that the body was in said of it. */
  readonly given?: CloudEventAttributes;
}

export function decodeBody(context: BodyContext, reading: Exclude<PayloadFormat, Rejected>): Decoded {
  const { record, limits, headers, given } = context;
  if (record.body.length === 0 && reading.kind !== 'binary-mode') {
    return rejected('empty-body', 'There is no body. Send the event as the body, even if it is only {}.');
  }
  switch (reading.kind) {
    case 'structured':
      return decodeStructured(context);
    case 'batch':
      return decodeBatch(context);
    case 'binary-mode':
      return (
        tooLarge(record.body, limits, headers) ?? asSingleEvent(decodeBinaryMode(context, reading.mediaType))
      );
    case 'plain':
      return reading.content === 'json' && record.origin.kind === 'http' && given === undefined
        ? decodeJsonRequest(context, reading.mediaType)
        : decodePlain(context, reading.content, reading.mediaType);
    case 'detect':
      return decodeDetected(context, reading.orText);
  }
}

function decodeStructured(context: BodyContext): Decoded {
  const { record, source, limits, headers } = context;
  const text = readText(record.body);
  if (typeof text !== 'string') return text;
  // Only a source that is all CloudEvents takes a batch whose media type does not say so, and Kafka has none.
  const mayBeBatch = source.format === 'cloudevents' && record.origin.kind !== 'kafka';
  if (mayBeBatch && isArrayText(text)) return decodeBatch(context);
  return (
    tooLarge(text, limits, headers) ?? asSingleEvent(parseStructuredCloudEvent(text, limits, record.origin))
  );
}

function decodeBatch(context: BodyContext): Decoded {
  return decodeElements(context, (text, origin) => parseStructuredCloudEvent(text, context.limits, origin));
}

/** Content-Type stays the event's datacontenttype, so its data stay what that says: a form is not made JSON. */
const BINARY_MODE_KINDS = {
  'json': 'json',
  'form': 'text',
  'windows-1252-form': 'bytes',
  'text': 'text',
  'bytes': 'bytes',
} as const satisfies Readonly<Record<ContentKind, ContentKind>>;

function decodeBinaryMode(
  { record, limits }: BodyContext,
  mediaType: MediaType | undefined,
): ParsedCloudEvent {
  const reading =
    record.origin.kind === 'kafka'
      ? readAttributeRecordHeaders(record.headerList ?? [], record.contentType)
      : readAttributeHeaders(record.headers, record.contentType);
  if (reading.kind === 'rejected') return reading;
  if (record.body.length === 0) {
    const content = { data: { kind: 'none' }, hasTemplateMarker: false } as const;
    return { kind: 'event', event: cloudEvent(reading.attributes, content, record.origin) };
  }
  const contentKind = mediaType === undefined ? 'bytes' : contentKindOf(mediaType);
  if (typeof contentKind !== 'string') return contentKind;
  const content = readContent(record.body, BINARY_MODE_KINDS[contentKind], limits);
  if (content.kind === 'rejected') return content;
  const { data, hasTemplateMarker } = content;
  return { kind: 'event', event: cloudEvent(reading.attributes, { data, hasTemplateMarker }, record.origin) };
}

/**
 * A JSON array is a batch of events, not one event: a webhook provider has collected them. The elements' ids
 * hold their index, so that equal elements stay two events, and a repeated request makes the same ones.
 */
function decodeJsonRequest(context: BodyContext, mediaType: MediaType | undefined): Decoded {
  const { record, source, limits } = context;
  const text = readText(record.body);
  if (typeof text !== 'string') return text;
  if (!isArrayText(text)) return decodePlain(context, 'json', mediaType);

  const datacontenttype = datacontenttypeOf('json', mediaType);
  const requestBodyId = naturalIdOf(record);
  return decodeElements(context, (element, origin, index) => {
    const content = readContent(element, 'json', limits);
    if (content.kind === 'rejected') return content;
    const id = `${requestBodyId}-${index}`;
    const event = plainEvent({ origin, id, datacontenttype, headers: record.headers }, source, content);
    return { kind: 'event', event };
  });
}

function decodePlain(
  { record, source, limits, headers, given }: BodyContext,
  contentKind: ContentKind,
  mediaType: MediaType | undefined,
): Decoded {
  const oversize = tooLarge(record.body, limits, headers);
  if (oversize !== undefined) return oversize;
  const content = readContentOrPayload(record.body, contentKind, source, limits);
  if (content.kind === 'rejected') {
    return record.origin.kind === 'http' ? content : withFormatMend(content);
  }
  const { data, hasTemplateMarker } = content;
  const datacontenttype = datacontenttypeOf(contentKind, mediaType);
  const { origin } = record;
  const event =
    given === undefined
      ? plainEvent(
          { origin, id: naturalIdOf(record), datacontenttype, headers: record.headers },
          source,
          content,
        )
      : cloudEvent({ ...given, datacontenttype }, { data, hasTemplateMarker }, origin);
  return { kind: 'events', events: [event] };
}

/** Text without a content type is JSON, and a CloudEvent if it is an object with a `specversion`. */
function decodeDetected(context: BodyContext, orText: boolean): Decoded {
  const { record, limits, headers } = context;
  const text = readText(record.body);
  if (typeof text !== 'string') return text;
  if (text.includes('"specversion"')) {
    const envelopeLimits = { ...limits, maxDepth: limits.maxDepth + 1 };
    const reading = readJson(text, envelopeLimits, { members: true });
    if (reading.kind === 'json' && reading.members.some(({ rawKey }) => rawKey === '"specversion"')) {
      return tooLarge(text, limits, headers) ?? asSingleEvent(toStructuredCloudEvent(reading, record.origin));
    }
  }
  const decoded = decodePlain(context, 'json', undefined);
  const isJson = decoded.kind !== 'rejected' || decoded.rejection.code !== 'invalid-json';
  return isJson || !orText ? decoded : decodePlain(context, 'text', undefined);
}

/** Every element alone, so that all bad ones can be named; with one of them the whole batch is refused. */
function decodeElements(
  { record, source, limits, headers }: BodyContext,
  decodeElement: (text: string, origin: Origin, index: number) => ParsedCloudEvent,
): Decoded {
  const text = readText(record.body);
  if (typeof text !== 'string') return text;
  // Counted before any memory is spent on them: `[{},{},…]` takes many times its text.
  const tooMany = tooManyEvents(countJsonElements(text), source);
  if (tooMany !== undefined) return tooMany;
  const elements = splitJsonArray(text);
  if (elements.kind === 'rejected') return elements;

  const events: Event[] = [];
  const badEvents: BadEvent[] = [];
  for (const [index, element] of elements.texts.entries()) {
    const reading =
      tooLarge(element, limits, headers) ?? decodeElement(element, originAt(record.origin, index), index);
    if (reading.kind === 'rejected') badEvents.push({ index, rejection: reading.rejection });
    else events.push(reading.event);
  }
  return decodedBatch(events, badEvents);
}

/** What a queue or a topic holds is there already, and not the sender's to split. */
export function tooManyEvents(count: number, source: CompiledSource): Rejected | undefined {
  if (source.type !== 'http' || count <= source.maxEventsPerRequest) return undefined;
  return rejected(
    'too-many-events',
    `There are ${count} events, and ${source.maxEventsPerRequest} are allowed. Send them in several requests.`,
  );
}

export function decodedBatch(events: readonly Event[], badEvents: readonly BadEvent[]): Decoded {
  const [first] = badEvents;
  if (first === undefined) return { kind: 'events', events };
  return { kind: 'rejected', rejection: first.rejection, index: first.index, badEvents };
}

export function asSingleEvent(reading: ParsedCloudEvent): Decoded {
  return reading.kind === 'rejected' ? reading : { kind: 'events', events: [reading.event] };
}

export function originAt(origin: Origin, index: number): Origin {
  return origin.kind === 'http' ? { ...origin, index } : origin;
}

function isArrayText(text: string): boolean {
  return /^\uFEFF?[ \t\n\r]*\[/.test(text);
}

/** Code: too-large. */
export function tooLarge(
  body: Uint8Array | string,
  limits: CompiledLimits,
  headers: readonly Header[] = [],
): Rejected | undefined {
  const ofBody = sizeOf(body);
  if (ofBody + mostHeaderBytes(headers) <= limits.maxEventBytes) return undefined;
  const ofHeaders = headerBytes(headers);
  const bytes = ofBody + ofHeaders;
  if (bytes <= limits.maxEventBytes) return undefined;
  const inHeaders = ofHeaders === 0 ? ',' : `, ${ofHeaders} of them in headers,`;
  return rejected(
    'too-large',
    `The event has ${bytes} bytes${inHeaders} and ${limits.maxEventBytes} are allowed. ` +
      'Send a reference to the data, or raise limits.maxEventBytes.',
  );
}

/** A queue's sender often cannot be asked for JSON; the source's format can be changed. */
function withFormatMend({ rejection }: Rejected): Rejected {
  if (rejection.code !== 'invalid-json') return { kind: 'rejected', rejection };
  return rejected(rejection.code, `${rejection.detail} If it is meant to be text, set format: text.`);
}

/** How a payload is to be read: the source's `format` decides, and with `auto` the content type. */
import type { KafkaFormat } from '../compiled-config/compiled.ts';
import { hasCloudEventHeaders } from './cloudevents-http.ts';
import { hasCloudEventRecordHeaders } from './cloudevents-kafka.ts';
import { contentKindOf, type ContentKind } from './content.ts';
import { parseMediaType, type MediaType } from './media-type.ts';
import type { ReceivedRecord } from './record.ts';
import { rejected, type Rejected } from './rejection.ts';

export type PayloadFormat =
  /** One CloudEvent, or a batch of them, in CloudEvents' JSON format. */
  | { readonly kind: 'structured' }
  | { readonly kind: 'batch' }
  /** CloudEvents attributes in headers, the body is the data. */
  | { readonly kind: 'binary-mode'; readonly mediaType: MediaType | undefined }
  /** Not a CloudEvent: the whole body is the data. */
  | { readonly kind: 'plain'; readonly content: ContentKind; readonly mediaType: MediaType | undefined }
  /**
   * Nothing says what the text is: a CloudEvent if it is JSON with a `specversion`, data if it is other JSON. `orText`:
   * text that is not JSON is data too, instead of a rejection.
   */
  | { readonly kind: 'detect'; readonly orText: boolean }
  | Rejected;

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';

/** Choose how to read what a source delivered. */
export function detectFormat(record: ReceivedRecord, format: KafkaFormat): PayloadFormat {
  // A request says what it carries; records and messages seldom do, and are JSON nearly always.
  const untyped: PayloadFormat =
    record.origin.kind === 'http' ? { kind: 'plain', content: 'bytes', mediaType: undefined } : DETECT_JSON;
  return chooseFormat(record, format, untyped);
}

/** Choose how to read the content of an envelope, which is a text wherever the envelope came from. */
export function detectContentFormat(content: ReceivedRecord, format: KafkaFormat): PayloadFormat {
  return chooseFormat(content, format, DETECT_JSON_OR_TEXT);
}

const DETECT_JSON: PayloadFormat = { kind: 'detect', orText: false };
const DETECT_JSON_OR_TEXT: PayloadFormat = { kind: 'detect', orText: true };

/** Compressed bodies are not read, so that nothing small can become large. */
export function rejectCompressed({ headers }: ReceivedRecord): Rejected | undefined {
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return undefined;
  return rejected('unsupported-content-encoding', 'Compressed bodies are not read. Send the body as it is.');
}

/** Whether content type or headers of a record say that it is a CloudEvent. */
export function claimsCloudEvent(record: ReceivedRecord): boolean {
  return detectCloudEvent(record, mediaTypeOf(record)) !== undefined;
}

function mediaTypeOf({ contentType }: ReceivedRecord): MediaType | undefined {
  return contentType === undefined ? undefined : parseMediaType(contentType);
}

/** `untyped` is the format of a payload whose content type is not known. */
function chooseFormat(record: ReceivedRecord, format: KafkaFormat, untyped: PayloadFormat): PayloadFormat {
  const mediaType = mediaTypeOf(record);
  switch (format) {
    case 'json':
    case 'text':
      return { kind: 'plain', content: format, mediaType };
    case 'binary':
      return { kind: 'plain', content: 'bytes', mediaType };
    case 'cloudevents':
      return cloudEventFormat(record, mediaType);
    case 'auto':
    // A value that was decoded by its schema is JSON, and has a content type that says so.
    case 'avro':
    case 'protobuf':
    case 'json-schema':
      return detectFromContentType(record, mediaType, untyped);
  }
}

function cloudEventFormat(record: ReceivedRecord, mediaType: MediaType | undefined): PayloadFormat {
  const reading = detectCloudEvent(record, mediaType);
  if (reading !== undefined) return reading;
  // Senders that do not know CloudEvents' media types say JSON, or nothing.
  if (mediaType !== undefined && contentKindOf(mediaType) !== 'json') {
    return rejected(
      'unsupported-content-type',
      `This source takes CloudEvents: send ${STRUCTURED} or ${BATCH}, or attributes in headers (ce- in HTTP, ce_ in Kafka).`,
    );
  }
  return { kind: 'structured' };
}

function detectFromContentType(
  record: ReceivedRecord,
  mediaType: MediaType | undefined,
  untyped: PayloadFormat,
): PayloadFormat {
  const reading = detectCloudEvent(record, mediaType);
  if (reading !== undefined) return reading;
  if (record.contentType !== undefined && mediaType === undefined) {
    return rejected(
      'unsupported-content-type',
      'The content type is not a media type. Send one such as application/json.',
    );
  }
  if (mediaType === undefined) return untyped;
  const content = contentKindOf(mediaType);
  if (typeof content !== 'string') return content;
  // What a source delivers as text is text, whatever its charset was once.
  const kept = content === 'bytes' && typeof record.body === 'string' ? 'text' : content;
  return { kind: 'plain', content: kept, mediaType };
}

/** Return undefined if neither content type nor headers claim a CloudEvent. */
function detectCloudEvent(
  record: ReceivedRecord,
  mediaType: MediaType | undefined,
): PayloadFormat | undefined {
  if (mediaType?.essence.startsWith('application/cloudevents') === true) {
    if (contentKindOf(mediaType) !== 'json' || ![STRUCTURED, BATCH].includes(mediaType.essence)) {
      return rejected(
        'unsupported-content-type',
        `CloudEvents are read in the JSON format, in UTF-8. Send ${STRUCTURED} or ${BATCH}.`,
      );
    }
    if (mediaType.essence !== BATCH) return { kind: 'structured' };
    return record.origin.kind === 'kafka' ? NO_BATCH_IN_KAFKA : { kind: 'batch' };
  }
  return hasAttributesInHeaders(record) ? { kind: 'binary-mode', mediaType } : undefined;
}

/** CloudEvents has no binding for the message attributes of SQS. */
function hasAttributesInHeaders({ origin, headers, headerList = [] }: ReceivedRecord): boolean {
  switch (origin.kind) {
    case 'http':
      return hasCloudEventHeaders(headers);
    case 'kafka':
      return hasCloudEventRecordHeaders(headerList);
    case 'sqs':
      return false;
  }
}

const NO_BATCH_IN_KAFKA = rejected(
  'unsupported-content-type',
  `CloudEvents' Kafka binding has no batches. Send each event as a record of its own, as ${STRUCTURED}.`,
);

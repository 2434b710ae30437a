/** Which way a record is to be read: the source's `format` decides, and with `auto` its content type. */
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
  /** No CloudEvent: the whole body is the data. */
  | { readonly kind: 'plain'; readonly content: ContentKind; readonly mediaType: MediaType | undefined }
  /** Nothing says what the text is: JSON, and a CloudEvent when it has a `specversion`. */
  | { readonly kind: 'detect' }
  | Rejected;

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';

export function detectFormat(record: ReceivedRecord, format: KafkaFormat): PayloadFormat {
  const encoding = record.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== '') {
    return rejected(
      'unsupported-content-encoding',
      'Compressed bodies are not read. Send the body as it is.',
    );
  }
  const mediaType = record.contentType === undefined ? undefined : parseMediaType(record.contentType);
  switch (format) {
    case 'json':
    case 'text':
      return { kind: 'plain', content: format, mediaType };
    case 'binary':
      return { kind: 'plain', content: 'bytes', mediaType };
    case 'cloudevents':
      return cloudEventFormat(record, mediaType);
    case 'auto':
    // What a schema decoded is JSON, and has a content type that says so.
    case 'avro':
    case 'protobuf':
    case 'json-schema':
      return detectFromContentType(record, mediaType);
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

function detectFromContentType(record: ReceivedRecord, mediaType: MediaType | undefined): PayloadFormat {
  const reading = detectCloudEvent(record, mediaType);
  if (reading !== undefined) return reading;
  if (record.contentType !== undefined && mediaType === undefined) {
    return rejected(
      'unsupported-content-type',
      'The content type is no media type. Send one such as application/json.',
    );
  }
  const deliversBytes = typeof record.body !== 'string';
  if (mediaType === undefined) {
    // A request says what it carries; records and messages seldom do, and are JSON nearly always.
    return record.origin.kind === 'http'
      ? { kind: 'plain', content: 'bytes', mediaType }
      : { kind: 'detect' };
  }
  const content = contentKindOf(mediaType);
  if (typeof content !== 'string') return content;
  // What a source delivers as text is text, whatever its charset was once.
  const kept = content === 'bytes' && !deliversBytes ? 'text' : content;
  return { kind: 'plain', content: kept, mediaType };
}

/** Undefined when neither content type nor headers claim a CloudEvent. */
function detectCloudEvent(
  record: ReceivedRecord,
  mediaType: MediaType | undefined,
): PayloadFormat | undefined {
  if (mediaType?.essence.startsWith('application/cloudevents') === true) {
    if (contentKindOf(mediaType) !== 'json' || ![STRUCTURED, BATCH].includes(mediaType.essence)) {
      return rejected(
        'unsupported-content-type',
        `Of CloudEvents' formats the JSON format in UTF-8 is read. Send ${STRUCTURED} or ${BATCH}.`,
      );
    }
    if (mediaType.essence !== BATCH) return { kind: 'structured' };
    return record.origin.kind === 'kafka' ? NO_BATCH_IN_KAFKA : { kind: 'batch' };
  }
  return hasAttributesInHeaders(record) ? { kind: 'binary-mode', mediaType } : undefined;
}

/** Message attributes of SQS are no binding of CloudEvents. */
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

/** The body of a record as the payload of an event. */
import type { EventData } from './event.ts';
import { formToJson, windows1252FormToJson, type ParsedForm } from './form.ts';
import { readJson, unsafeCharacterDetail, type JsonLimits } from './json-value.ts';
import { isJson, isText, isUtf8, type MediaType } from './media-type.ts';
import { rejected, type Rejected } from './rejection.ts';
import { decodeWindows1252, isWindows1252 } from './windows-1252.ts';

export type ContentKind = 'json' | 'form' | 'windows-1252-form' | 'text' | 'bytes';

export interface Content {
  readonly kind: 'content';
  readonly data: EventData;
  readonly hasTemplateMarker: boolean;
}

/** The detail for an unsupported content type; docs/http.md has the same as a table. */
const READ_TYPES =
  'Read are JSON (application/json, …+json), CloudEvents (application/cloudevents+json, ' +
  'application/cloudevents-batch+json), forms (application/x-www-form-urlencoded), text (text/…, XML), and any ' +
  'other type as bytes.';

/** How data of this type are kept. Text in a charset other than UTF-8 stays bytes; JSON has no other (RFC 8259). */
export function contentKindOf(mediaType: MediaType): ContentKind | Rejected {
  if (mediaType.essence.startsWith('multipart/')) {
    return rejected('unsupported-content-type', `Bodies of several parts are not read. ${READ_TYPES}`);
  }
  if (mediaType.essence === 'application/x-www-form-urlencoded') {
    if (isUtf8(mediaType)) return 'form';
    if (mediaType.charset !== undefined && isWindows1252(mediaType.charset)) return 'windows-1252-form';
    return rejected(
      'unsupported-content-type',
      'Forms are read in UTF-8 and windows-1252. Send it in UTF-8.',
    );
  }
  if (isJson(mediaType)) {
    if (isUtf8(mediaType)) return 'json';
    return rejected(
      'unsupported-content-type',
      'JSON is exchanged in UTF-8 only (RFC 8259). Send it so, without another charset.',
    );
  }
  return isText(mediaType) && isUtf8(mediaType) ? 'text' : 'bytes';
}

export function readContent(
  body: Uint8Array | string,
  kind: ContentKind,
  limits: JsonLimits,
): Content | Rejected {
  switch (kind) {
    case 'json':
      return readJsonContent(body, limits);
    case 'form':
      return readFormContent(body, limits);
    case 'windows-1252-form':
      return formContent(windows1252FormToJson(asWindows1252(body)), limits);
    case 'text':
      return readTextContent(body);
    case 'bytes':
      return readBytesContent(body);
  }
}

function readJsonContent(body: Uint8Array | string, limits: JsonLimits): Content | Rejected {
  const text = readText(body);
  if (typeof text !== 'string') return text;
  const reading = readJson(text, limits);
  return reading.kind === 'rejected' ? reading : jsonContent(reading);
}

function readFormContent(body: Uint8Array | string, limits: JsonLimits): Content | Rejected {
  const text = readText(body);
  if (typeof text !== 'string') return text;
  return formContent(formToJson(text), limits);
}

function formContent(form: ParsedForm, limits: JsonLimits): Content | Rejected {
  return form.kind === 'rejected' ? form : readJsonContent(form.jsonText, limits);
}

/** What a source delivers as text is text already. */
function asWindows1252(body: Uint8Array | string): string {
  return typeof body === 'string' ? body : decodeWindows1252(body);
}

export function jsonContent(reading: {
  readonly text: string;
  readonly value: unknown;
  readonly hasTemplateMarker: boolean;
}): Content {
  const { text, value, hasTemplateMarker } = reading;
  return { kind: 'content', data: { kind: 'json', text, value }, hasTemplateMarker };
}

function readTextContent(body: Uint8Array | string): Content | Rejected {
  const text = readText(body);
  if (typeof text !== 'string') return text;
  const nulAt = text.indexOf('\0');
  if (nulAt !== -1) return rejected('nul-character', unsafeCharacterDetail('nul-character', nulAt));
  if (!text.isWellFormed()) {
    return rejected('lone-surrogate', unsafeCharacterDetail('lone-surrogate', undefined));
  }
  return { kind: 'content', data: { kind: 'text', text }, hasTemplateMarker: false };
}

function readBytesContent(body: Uint8Array | string): Content | Rejected {
  if (typeof body === 'string' && !body.isWellFormed()) {
    return rejected('lone-surrogate', unsafeCharacterDetail('lone-surrogate', undefined));
  }
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : viewOf(body);
  return {
    kind: 'content',
    data: { kind: 'binary', base64: bytes.toString('base64') },
    hasTemplateMarker: false,
  };
}

/** A buffer's own `toString` would replace invalid bytes in silence. The byte order mark is kept: it is text. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Code: invalid-utf8. */
export function readText(body: Uint8Array | string): string | Rejected {
  if (typeof body === 'string') return body;
  try {
    return UTF8.decode(body);
  } catch {
    return rejected(
      'invalid-utf8',
      'The body is not valid UTF-8. Send it as UTF-8, or as bytes (application/octet-stream, format: binary).',
    );
  }
}

export function sizeOf(body: Uint8Array | string): number {
  return typeof body === 'string' ? Buffer.byteLength(body, 'utf8') : body.byteLength;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a sender says beside the body: headers of HTTP and Kafka, attributes of SQS and SNS messages. */
import { isObject, isString, readBase64 } from '../json/untrusted-json.ts';

export interface Header {
  /** As the source delivers it; in lower case where the source is HTTP. A name may come more than once. */
  readonly name: string;
  /** A text, or bytes: all values of Kafka are bytes, and Binary attributes of SQS and SNS. */
  readonly value: Uint8Array | string;
}

/** A header in JSON: bytes are base64. */
export type HeaderJson =
  { readonly name: string; readonly text: string } | { readonly name: string; readonly value: string };

export function toHeaderJson({ name, value }: Header): HeaderJson {
  return typeof value === 'string' ? { name, text: value } : { name, value: base64Of(value) };
}

/** Return null if it is not what `toHeaderJson` writes. */
export function parseHeaderJson(json: unknown): Header | null {
  if (!isObject(json) || !isString(json['name'])) return null;
  const { name, text, value } = json;
  if (isString(text)) return { name, value: text };
  const bytes = isString(value) ? readBase64(value) : null;
  return bytes === null ? null : { name, value: bytes };
}

/** Return null unless it is a list of headers in JSON. */
export function parseHeaderList(json: unknown): readonly Header[] | null {
  if (!Array.isArray(json)) return null;
  const headers = json.flatMap((each: unknown) => parseHeaderJson(each) ?? []);
  return headers.length === json.length ? headers : null;
}

const MAX_UTF8_BYTES_OF_A_UNIT = 3;

/** At least what `headerBytes` counts, without looking into texts. */
export function mostHeaderBytes(headers: readonly Header[]): number {
  let units = 0;
  for (const { name, value } of headers) units += name.length + value.length;
  return units * MAX_UTF8_BYTES_OF_A_UNIT;
}

/** Names and values in UTF-8: what headers add to the size of an event. */
export function headerBytes(headers: readonly Header[]): number {
  let bytes = 0;
  for (const { name, value } of headers) {
    bytes += Buffer.byteLength(name);
    bytes += typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength;
  }
  return bytes;
}

export function base64Of(value: Uint8Array | string): string {
  if (typeof value === 'string') return Buffer.from(value).toString('base64');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}

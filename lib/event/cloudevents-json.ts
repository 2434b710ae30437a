/**
 * CloudEvents' JSON event format, for structured mode and for the elements of a batch
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
 */
import { cloudEvent, invalid, readAttributes, type ParsedCloudEvent } from './cloudevents.ts';
import type { EventData, Origin } from './event.ts';
import type { JsonMember } from './json-scan.ts';
import { readJson, type JsonLimits, type ParsedJson } from './json-value.ts';
import { isJson, parseMediaType } from './media-type.ts';
import { rejected, type Rejected } from './rejection.ts';

/** One event in structured mode, or one element of a batch. */
export function parseStructuredCloudEvent(
  text: string,
  limits: JsonLimits,
  origin: Origin,
): ParsedCloudEvent {
  // The envelope is one level of its own around the data.
  const reading = readJson(text, { ...limits, maxDepth: limits.maxDepth + 1 }, { members: true });
  return reading.kind === 'rejected' ? reading : toStructuredCloudEvent(reading, origin);
}

/** The same for text that was read already, with its members. */
export function toStructuredCloudEvent(
  reading: Extract<ParsedJson, { kind: 'json' }>,
  origin: Origin,
): ParsedCloudEvent {
  const { value } = reading;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('a CloudEvent in JSON is an object');
  }
  const texts = memberTexts(reading.members);
  if (texts === undefined) {
    return rejected(
      'duplicate-keys',
      'The CloudEvent has a member twice, and readers differ in which one counts. Send it once.',
    );
  }
  const values = new Map<string, unknown>(Object.entries(value));
  const named = [...values].filter(([name]) => !DATA_MEMBERS.has(name));
  const envelope = readAttributes(
    named.map(([name, attribute]) => [name, asWritten(attribute, texts.get(name))] as const),
  );
  if (envelope.kind === 'rejected') return envelope;
  const { attributes } = envelope;

  const data = readData(values, texts.get('data'), attributes.datacontenttype);
  if (data.kind === 'rejected') return data;
  const hasTemplateMarker = reading.hasTemplateMarker && data.kind === 'json';
  return { kind: 'event', event: cloudEvent(attributes, { data, hasTemplateMarker }, origin) };
}

const DATA_MEMBERS: ReadonlySet<string> = new Set(['data', 'data_base64']);

/** Section 2.2: a number with a fraction or an exponent is not an Integer, even if its value is a whole one. */
function asWritten(value: unknown, text: string | undefined): unknown {
  return typeof value === 'number' && text !== undefined && /[.eE]/.test(text) ? Number.NaN : value;
}

/** Each member as written, by its name; undefined when a name comes twice, which the parsed value does not show. */
export function memberTexts(members: readonly JsonMember[]): ReadonlyMap<string, string> | undefined {
  const texts = new Map(members.map(({ rawKey, text }) => [nameOf(rawKey), text]));
  return texts.size === members.length ? texts : undefined;
}

function nameOf(rawKey: string): string {
  return rawKey.includes('\\') ? String(JSON.parse(rawKey)) : rawKey.slice(1, -1);
}

/**
 * Section 3.1.1: without a datacontenttype, and with a JSON asSingleEvent, `data` is JSON; else a string is the text itself.
 */
function readData(
  values: ReadonlyMap<string, unknown>,
  dataText: string | undefined,
  datacontenttype: string | undefined,
): EventData | Rejected {
  if (values.has('data_base64')) {
    const base64 = values.get('data_base64');
    if (dataText !== undefined) return invalid('data and data_base64 exclude each other: send one of them');
    if (typeof base64 === 'string' && isBase64(base64)) return { kind: 'binary', base64 };
    return invalid('data_base64 is not base64 (RFC 4648 section 4, with padding)');
  }
  if (dataText === undefined) return { kind: 'none' };
  const value = values.get('data');
  if (typeof value === 'string' && !declaresJson(datacontenttype)) return { kind: 'text', text: value };
  return { kind: 'json', text: dataText, value };
}

function declaresJson(datacontenttype: string | undefined): boolean {
  if (datacontenttype === undefined) return true;
  const mediaType = parseMediaType(datacontenttype);
  return mediaType !== undefined && isJson(mediaType);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

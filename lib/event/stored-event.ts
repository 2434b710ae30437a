/**
 * An event as text, to be kept while it waits and made an event again: exactly the same event, its identity, its headers and the JSON
 * text of its data included. (Structured CloudEvents, `lib/event/event-json.ts`, leave out what is Sluice's own.)
 */
import type { Event, EventData } from './event.ts';
import { parseHeaderList, toHeaderJson, type HeaderJson } from './header.ts';
import { NO_JSON_LIMITS, readJson } from './json-value.ts';

/** The text is not a stored event, or another version of Sluice wrote it. */
export class StoredEventError extends Error {
  override readonly name = 'StoredEventError';
}

const FORMAT = 1;
/** Ends the first line; JSON never holds it unescaped. */
const LINE_END = '\n';

interface FirstLine extends Omit<Event, 'data' | 'headers'> {
  readonly headers?: readonly HeaderJson[];
  readonly format: number;
  readonly dataKind: EventData['kind'];
}

/** A line of JSON with everything but the data, then the data as they are: JSON within JSON would be escaped. */
export function storeEvent({ data, headers, ...attributes }: Event): string {
  const firstLine: FirstLine = {
    format: FORMAT,
    ...attributes,
    ...(headers !== undefined && { headers: headers.map(toHeaderJson) }),
    dataKind: data.kind,
  };
  return `${JSON.stringify(firstLine)}${LINE_END}${textOf(data)}`;
}

/** @throws StoredEventError when `storeEvent` did not write it. */
export function readStoredEvent(stored: string): Event {
  const end = stored.indexOf(LINE_END);
  if (end === -1) throw new StoredEventError('A stored event has no first line.');
  const { format, dataKind, headers: headerJson, ...attributes } = firstLineOf(stored.slice(0, end));
  if (format !== FORMAT) {
    throw new StoredEventError(`A stored event is of format ${String(format)}, and ${FORMAT} is understood.`);
  }
  const data = dataOf(dataKind, stored.slice(end + 1));
  if (headerJson === undefined) return { ...attributes, data };
  const headers = parseHeaderList(headerJson);
  if (headers === null)
    throw new StoredEventError('The headers of a stored event are not a list of headers.');
  return { ...attributes, headers, data };
}

/** What a chunk keeps of an event beside itself: claim key (86 at most), member id, name of its source, and lengths. */
const BESIDE_EVENT_BYTES = 160;

/** At most what the event takes of the item of a chunk. */
export function storedBytes(event: Event): number {
  return Buffer.byteLength(storeEvent(event)) + BESIDE_EVENT_BYTES;
}

function textOf(data: EventData): string {
  switch (data.kind) {
    case 'json':
    case 'text':
      return data.text;
    case 'binary':
      return data.base64;
    case 'none':
      return '';
  }
}

function dataOf(kind: EventData['kind'], text: string): EventData {
  switch (kind) {
    case 'json': {
      // Its value is what was made of it when it was decoded: this is the same text, read by the same rules.
      const reading = readJson(text, NO_JSON_LIMITS);
      if (reading.kind === 'rejected') throw new StoredEventError(reading.rejection.detail);
      return { kind, text, value: reading.value };
    }
    case 'text':
      return { kind, text };
    case 'binary':
      return { kind, base64: text };
    case 'none':
      return { kind };
  }
}

function firstLineOf(json: string): FirstLine {
  try {
    // Only `storeEvent` writes it; `format` names the version.
    return JSON.parse(json) as FirstLine;
  } catch (cause) {
    throw new StoredEventError('The first line of a stored event is not JSON.', { cause });
  }
}

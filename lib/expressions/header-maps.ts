/** The headers of an event as expressions see them, by name. */
import type { Event } from '../event/event.ts';
import { base64Of, type Header } from '../event/header.ts';

/** Fields of `event` in CEL for its headers; maps that are empty when it has none. */
export const HEADER_FIELDS = {
  headers: 'map<string, string>',
  header_values: 'map<string, list<string>>',
  headers_base64: 'map<string, string>',
} as const;

export interface HeaderTexts {
  /** Of a name that comes more than once the last text, as in Kafka's own clients. */
  readonly last: ReadonlyMap<string, string>;
  /** All texts of a name, in their order. */
  readonly all: ReadonlyMap<string, readonly string[]>;
}

/** Values that are not text are absent. */
export function headerTextsOf({ headers = [], origin }: Event): HeaderTexts {
  const last = new Map<string, string>();
  const all = new Map<string, string[]>();
  for (const header of headers) {
    const { name } = header;
    const text = textIn(header, origin.kind === 'kafka');
    if (text === undefined) continue;
    last.set(name, text);
    const texts = all.get(name);
    if (texts === undefined) all.set(name, [text]);
    else texts.push(text);
  }
  return { last, all };
}

/** The last value of each name, text or not, in base64. */
export function headerBase64Of({ headers = [] }: Event): ReadonlyMap<string, string> {
  return new Map(headers.map(({ name, value }) => [name, base64Of(value)]));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Kafka has bytes only, and most of them are text; the others say which is which. Bytes with a NUL are a number or an
 * id rather than a text, and Prefect does not store it.
 */
function textIn({ value }: Header, areBytesText: boolean): string | undefined {
  if (typeof value === 'string') return value;
  if (!areBytesText || value.includes(0)) return undefined;
  try {
    return UTF8.decode(value);
  } catch {
    return undefined;
  }
}

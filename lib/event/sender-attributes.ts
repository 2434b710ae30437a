/** The attributes of CloudEvents that a webhook sender states in its own way. */
import { valueAt } from '../json/value-at.ts';
import { isRfc3339 } from './rfc3339.ts';
import type { Place, TimePlace, WebhookSender } from './webhook-senders.ts';

export interface SenderAttributes {
  readonly type?: string;
  readonly source?: string;
  readonly subject?: string;
  readonly time?: string;
}

const MAX_LENGTH = 500;
const TYPE = /^[\x21-\x7e]+$/;
/** RFC 3986: what an attribute of the type URI-reference may hold, behind a scheme that is a link. */
const LINK = /^https?:\/\/(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const FORBIDDEN_IN_SUBJECT = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/**
 * What is not in its place, or has a value that the attribute must not have, is left out: no event is refused for it.
 * `data` is the parsed JSON of one event.
 */
export function senderAttributes(
  sender: WebhookSender,
  headers: ReadonlyMap<string, string>,
  data: unknown,
): SenderAttributes {
  const read = (place: Place): unknown =>
    'header' in place ? headers.get(place.header) : valueAt(data, place.body);
  const type = first(sender.types, ({ prefix, spell, ...place }) => typeFrom(read(place), prefix, spell));
  const source = first(sender.sources, (place) => sourceFrom(read(place)));
  const subject = first(sender.subjects, (place) => subjectFrom(read(place)));
  const time = first(sender.times, ({ place, unit }) => timeFrom(read(place), unit));
  return {
    ...(type !== undefined && { type }),
    ...(source !== undefined && { source }),
    ...(subject !== undefined && { subject }),
    ...(time !== undefined && { time }),
  };
}

function first<Item>(
  places: readonly Item[] = [],
  read: (place: Item) => string | undefined,
): string | undefined {
  for (const place of places) {
    const value = read(place);
    if (value !== undefined) return value;
  }
  return undefined;
}

function typeFrom(value: unknown, prefix: string, spell?: (type: string) => string): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_LENGTH) return undefined;
  const type = spell === undefined ? value : spell(value);
  return TYPE.test(type) ? prefix + type : undefined;
}

function sourceFrom(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined;
  if (LINK.test(value)) return value;
  return HOST.test(value) ? `https://${value}` : undefined;
}

function subjectFrom(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > MAX_LENGTH) return undefined;
  return FORBIDDEN_IN_SUBJECT.test(text) ? undefined : text;
}

function timeFrom(value: unknown, unit: TimePlace['unit']): string | undefined {
  if (typeof value === 'string') return isRfc3339(value) ? value : undefined;
  if (typeof value !== 'number' || unit === undefined) return undefined;
  const date = new Date(unit === 's' ? value * 1000 : value);
  const year = date.getUTCFullYear();
  // Beyond these years an ISO text has a sign, and is no longer RFC 3339.
  return year >= 0 && year <= 9999 ? date.toISOString() : undefined;
}

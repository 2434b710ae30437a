/**
 * CloudEvents 1.0.2: the rules for context attributes, which all modes share
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
 */
import type { CloudEventAttributes, Event, EventData, ExtensionValue, Origin } from './event.ts';
import { parseMediaType } from './media-type.ts';
import { rejected, type Rejected } from './rejection.ts';
import { isRfc3339 } from './rfc3339.ts';

export type ParsedAttributes =
  { readonly kind: 'attributes'; readonly attributes: CloudEventAttributes } | Rejected;
export type ParsedCloudEvent = { readonly kind: 'event'; readonly event: Event } | Rejected;

const REQUIRED = ['id', 'source', 'type', 'specversion'] as const;

/** Attribute names are lower-case letters and digits (spec.md, "Naming conventions"); `data` is reserved. */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/;
/** Control characters, unpaired surrogates and noncharacters have no place in a String attribute. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const FORBIDDEN_IN_STRING = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
/** RFC 3986, appendix A: the characters of a URI-reference, and percent only before two hex digits. */
const URI_REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:./;
const MIN_INTEGER = -(2 ** 31);
const MAX_INTEGER = 2 ** 31 - 1;

/**
 * Checks attributes as a binding found them, with all problems of the event in one answer. In binary modes
 * every value is a string. A JSON null is an unset attribute.
 */
export function readAttributes(entries: Iterable<readonly [string, unknown]>): ParsedAttributes {
  const problems: string[] = [];
  const present = new Set<string>();
  const strings = new Map<string, string>();
  const extensions: Record<string, ExtensionValue> = {};
  for (const [name, value] of entries) {
    if (value === null) continue;
    present.add(name);
    const problem = problemOfName(name) ?? problemOfValue(name, value);
    if (problem !== undefined) problems.push(problem);
    else if (typeof value === 'string' && CONTEXT_CHECKS.has(name)) strings.set(name, value);
    else if (isExtensionValue(value)) extensions[name] = value;
  }
  for (const name of REQUIRED) {
    if (!present.has(name)) problems.push(`${name} is missing`);
  }
  const [id, source, type] = [strings.get('id'), strings.get('source'), strings.get('type')];
  if (problems.length > 0 || id === undefined || source === undefined || type === undefined) {
    return invalid(problems.join('; '));
  }
  return {
    kind: 'attributes',
    attributes: { id, source, type, ...optionalAttributes(strings), extensions },
  };
}

/** An event that brought its own CloudEvents attributes: consumers may take equal source and id for the same event. */
export function cloudEvent(
  attributes: CloudEventAttributes,
  content: { readonly data: EventData; readonly hasTemplateMarker: boolean },
  origin: Origin,
): Event {
  return { ...attributes, ...content, origin, identity: ['cloudevents', attributes.source, attributes.id] };
}

type ValueCheck = (text: string) => string | undefined;

const CONTEXT_CHECKS: ReadonlyMap<string, ValueCheck> = new Map<string, ValueCheck>([
  ['id', () => undefined],
  ['type', () => undefined],
  ['subject', () => undefined],
  ['specversion', (text) => (text === '1.0' ? undefined : 'is not "1.0", the only version that is read')],
  ['source', (text) => (URI_REFERENCE.test(text) ? undefined : 'is not a URI-reference (RFC 3986)')],
  [
    'dataschema',
    (text) =>
      ABSOLUTE_URI.test(text) && URI_REFERENCE.test(text) ? undefined : 'is not an absolute URI (RFC 3986)',
  ],
  [
    'time',
    (text) => (isRfc3339(text) ? undefined : 'is not an RFC 3339 timestamp such as 2026-01-31T12:00:00Z'),
  ],
  [
    'datacontenttype',
    (text) =>
      parseMediaType(text) === undefined ? 'is not a media type such as application/json' : undefined,
  ],
]);

function problemOfName(name: string): string | undefined {
  if (name === 'data') return 'data cannot be an attribute: the name is reserved';
  if (ATTRIBUTE_NAME.test(name)) return undefined;
  // A name may be anything, so it is only repeated when it is harmless in a log line and a header.
  const shown = /^[\w.-]{1,40}$/.test(name) ? `the name ${name}` : 'an attribute name';
  return `${shown} has characters other than a-z and 0-9`;
}

function problemOfValue(name: string, value: unknown): string | undefined {
  const check = CONTEXT_CHECKS.get(name);
  if (typeof value === 'string') {
    if (!PRINTABLE_ASCII.test(value) && FORBIDDEN_IN_STRING.test(value))
      return `${name} has a control character or a noncharacter`;
    if (check === undefined) return undefined;
    const problem = value === '' ? 'is empty' : check(value);
    return problem === undefined ? undefined : `${name} ${problem}`;
  }
  if (check !== undefined) return `${name} is not a string`;
  if (typeof value === 'boolean') return undefined;
  if (typeof value === 'number' || typeof value === 'bigint') {
    return isCloudEventsInteger(value) ? undefined : `${name} is a number but no 32-bit integer`;
  }
  return `${name} is an object or an array: attributes are strings, integers and booleans`;
}

function isCloudEventsInteger(value: number | bigint): boolean {
  return Number.isInteger(value) && Number(value) >= MIN_INTEGER && Number(value) <= MAX_INTEGER;
}

function isExtensionValue(value: unknown): value is ExtensionValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function optionalAttributes(
  strings: ReadonlyMap<string, string>,
): Partial<Record<'subject' | 'time' | 'datacontenttype' | 'dataschema', string>> {
  const names = ['subject', 'time', 'datacontenttype', 'dataschema'] as const;
  const present = names.flatMap((name) => {
    const value = strings.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}

/** `problems` are joined by semicolons and never quote a value. */
export function invalid(problems: string): Rejected {
  return rejected('invalid-cloudevent', `Not a CloudEvent 1.0: ${problems}.`);
}

/**
 * CloudEvents' HTTP binding, binary mode: attributes in `ce-` headers
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md, section 3.1).
 */
import { invalid, readAttributes, type ParsedAttributes } from './cloudevents.ts';

const PREFIX = 'ce-';

/** True when a request claims to be a CloudEvent in binary mode. Header names are in lower case. */
export function hasCloudEventHeaders(headers: ReadonlyMap<string, string>): boolean {
  return ['ce-specversion', 'ce-id', 'ce-source', 'ce-type'].some((name) => headers.has(name));
}

/** The attributes; `Content-Type` is `datacontenttype`. */
export function readAttributeHeaders(
  headers: ReadonlyMap<string, string>,
  contentType: string | undefined,
): ParsedAttributes {
  const attributes: [string, string][] = [];
  const problems: string[] = [];
  for (const [header, value] of headers) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    if (name === 'datacontenttype') {
      problems.push('ce-datacontenttype must not be sent: Content-Type says it');
      continue;
    }
    const decoded = decodeHeaderValue(value);
    if (decoded === undefined) {
      const shown = /^[a-z0-9]{1,40}$/.test(name) ? `ce-${name}` : 'a ce- header';
      problems.push(`${shown} is not percent-encoded UTF-8 (write a percent sign as %25)`);
    } else {
      attributes.push([name, decoded]);
    }
  }
  if (problems.length > 0) return invalid(problems.join('; '));
  if (contentType !== undefined) attributes.push(['datacontenttype', contentType]);
  return readAttributes(attributes);
}

/**
 * Section 3.1.3.2: quoted strings are unquoted first, then percent-encoding is undone once, and what is not
 * valid UTF-8 then is refused (undefined). Characters that should have been encoded are taken as they are.
 */
export function decodeHeaderValue(value: string): string | undefined {
  const unquoted = unquote(value);
  if (unquoted === undefined) return undefined;
  try {
    // Refuses a percent sign without two hex digits and every invalid or overlong sequence.
    return decodeURIComponent(unquoted);
  } catch {
    return undefined;
  }
}

/** Replaces each double-quoted part by its content (RFC 7230, section 3.2.6); undefined when one has no end. */
function unquote(value: string): string | undefined {
  if (!value.includes('"')) return value;
  let unquoted = '';
  let inQuotes = false;
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] === '"') {
      inQuotes = !inQuotes;
    } else {
      if (inQuotes && value[at] === '\\') at += 1;
      unquoted += value[at] ?? '';
    }
  }
  return inQuotes ? undefined : unquoted;
}

/**
 * CloudEvents' Kafka binding, binary mode: attributes in `ce_` headers
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md, section 3.2).
 */
import { invalid, readAttributes, type ParsedAttributes } from './cloudevents.ts';
import { readText } from './content.ts';
import type { Header } from './header.ts';

const PREFIX = 'ce_';

/** True when a record claims to be a CloudEvent in binary mode. */
export function hasCloudEventRecordHeaders(headers: readonly Header[]): boolean {
  return headers.some(({ name }) => name.startsWith(PREFIX) && REQUIRED_HEADERS.has(name));
}

const REQUIRED_HEADERS: ReadonlySet<string> = new Set(['ce_specversion', 'ce_id', 'ce_source', 'ce_type']);

/**
 * The attributes; the header `content-type` is `datacontenttype`. Values are UTF-8 as it is, without the percent
 * signs of HTTP. Of headers with the same name the last counts, as in Kafka's own clients (`lastHeader`).
 */
export function readAttributeRecordHeaders(
  headers: readonly Header[],
  contentType: string | undefined,
): ParsedAttributes {
  const attributes = new Map<string, string>();
  const problems: string[] = [];
  for (const { name: header, value } of headers) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    const text = readText(value);
    if (name === 'datacontenttype') {
      problems.push('ce_datacontenttype must not be sent: the header content-type says it');
    } else if (typeof text === 'string') {
      attributes.set(name, text);
    } else {
      problems.push(`${/^[a-z0-9]{1,40}$/.test(name) ? header : 'a ce_ header'} is not valid UTF-8`);
    }
  }
  if (problems.length > 0) return invalid(problems.join('; '));
  if (contentType !== undefined) attributes.set('datacontenttype', contentType);
  return readAttributes(attributes);
}
